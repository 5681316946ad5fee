using OverlayImg.Testing;

namespace OverlayImg.Tool.Tests.Judges;

/// <summary>
/// Lets a container client apply the layers of an archive and passes the directory with the result to a test. The directory
/// belongs to the client; tests only read it.
/// </summary>
public static class ContainerClients
{
    /// <summary>Loads the archive into a separate podman storage and mounts the image.</summary>
    public static async Task WithPodmanAsync(string archive, string name, Func<string, Task> look)
    {
        await using var podman = new Podman();
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
    /// Loads the archive into a docker daemon and passes the directory of the top layer. The directory of a container would
    /// be a copy without ACLs and without hard links between symbolic links (the vfs driver drops them), and with docker's
    /// /etc/hosts.
    /// </summary>
    public static async Task WithDockerAsync(DockerDaemon daemon, string archive, string name, Func<string, Task> look)
    {
        await daemon.RunAsync("load", "-i", archive);
        var top = (await daemon.RunAsync("inspect", "-f", "{{range .RootFS.Layers}}{{println .}}{{end}}", name))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];
        var entry = (await Testing.Tool.BashAsync($"dirname $(grep -lxF {top} */diff)", daemon.DataPath("image/vfs/layerdb/sha256"))).Trim();
        var directory = await File.ReadAllTextAsync(daemon.DataPath($"image/vfs/layerdb/sha256/{entry}/cache-id"));
        await look(daemon.DataPath($"vfs/dir/{directory}"));
    }
}
