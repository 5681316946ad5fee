using OverlayImg.Testing;

namespace OverlayImg.Tool.Tests.Judges;

/// <summary>
/// Lets a container client apply the layers of an archive and passes the directory with the result to a test. The directory
/// belongs to the client; tests only read it.
/// </summary>
public static class ContainerClients
{
    /// <summary>Loads the archive into a separate podman storage and mounts the image.</summary>
    public static async Task WithPodmanAsync(string archive, string name, string storageDriver, Func<string, Task> look)
    {
        await using var podman = new Podman(storageDriver);
        await podman.RunAsync("load", "-i", archive);
        await look((await podman.RunAsync("image", "mount", $"localhost/{name}")).StandardOutput.Trim());
        await podman.RunAsync("image", "unmount", "--all");
    }

    /// <summary>Copies the archive to an OCI layout with skopeo and unpacks it as root with umoci.</summary>
    public static async Task WithUmociAsync(string archive, Func<string, Task> look)
    {
        using var work = new TemporaryDirectory();
        // The layers stay uncompressed, because compressing gigabytes would take time and test nothing.
        (await Testing.Tool.RunAsync("skopeo",
            ["--insecure-policy", "copy", "--dest-decompress", $"docker-archive:{archive}", $"oci:{work["layout"]}:derived"])).Succeeded();
        (await Testing.Tool.RunAsync("umoci", ["unpack", "--image", $"{work["layout"]}:derived", work["bundle"]])).Succeeded();
        await look(work["bundle/rootfs"]);
    }

    /// <summary>
    /// Loads the archive into a docker daemon and mounts the image's layers read-only. The mount of a container would have
    /// docker's own files, such as /etc/hosts.
    /// </summary>
    public static async Task WithDockerAsync(DockerDaemon daemon, string archive, string name, Func<string, Task> look)
    {
        using var work = new TemporaryDirectory();
        await daemon.RunAsync("load", "-i", archive);
        const string Directories = "{{.GraphDriver.Data.UpperDir}}:{{.GraphDriver.Data.LowerDir}}";
        var layers = (await daemon.RunAsync("inspect", "-f", Directories, name)).Trim();
        var root = Directory.CreateDirectory(work["root"]).FullName;
        await Testing.Tool.OutputAsync("mount", "-t", "overlay", "overlay", "-o", $"ro,lowerdir={layers}", root);
        try
        {
            await look(root);
        }
        finally
        {
            await Testing.Tool.OutputAsync("umount", root);
        }
    }
}
