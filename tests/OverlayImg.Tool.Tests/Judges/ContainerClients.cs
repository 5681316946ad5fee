using OverlayImg.Testing;

namespace OverlayImg.Tool.Tests.Judges;

/// <summary>Has an outside client apply an archive's layers and shows the directory with the result. The directory is the client's:
/// it is only read.</summary>
public static class ContainerClients
{
    /// <summary>podman: loaded into a storage of its own, mounted.</summary>
    public static async Task WithPodmanAsync(string archive, string name, Func<string, Task> look)
    {
        await using var podman = new Podman();
        await podman.RunAsync("load", "-i", archive);
        await look((await podman.RunAsync("image", "mount", $"localhost/{name}")).StandardOutput.Trim());
        await podman.RunAsync("image", "unmount", "--all");
    }

    /// <summary>umoci: the archive made an OCI layout by skopeo, unpacked as root.</summary>
    public static async Task WithUmociAsync(string archive, Func<string, Task> look)
    {
        using var work = new TemporaryDirectory();
        // Layers stay as they are: compressing gigabytes would test nothing.
        (await Testing.Tool.RunAsync("skopeo",
            ["--insecure-policy", "copy", "--dest-decompress", $"docker-archive:{archive}", $"oci:{work["layout"]}:derived"])).Succeeded();
        (await Testing.Tool.RunAsync("umoci", ["unpack", "--image", $"{work["layout"]}:derived", work["bundle"]])).Succeeded();
        await look(work["bundle/rootfs"]);
    }

    /// <summary>docker: loaded into its daemon. Looked at is the top layer's own directory: a container's is a copy of it, in which
    /// the vfs driver drops what it does not know (ACLs, hard links between symbolic links), and which has docker's /etc/hosts.</summary>
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
