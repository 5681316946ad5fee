using OverlayImg.Testing;

namespace OverlayImg.Tool.Tests.Judges;

/// <summary>A small image that can run as a container: the static busybox of the host.</summary>
public static class BusyboxImage
{
    /// <summary>The output of a container that runs <see cref="Command"/>.</summary>
    public const string Greeting = "hello from busybox";

    /// <summary>A command line that works in the image.</summary>
    public static readonly string[] Command = ["/bin/busybox", "echo", Greeting];

    /// <summary>Writes the image as a docker-archive, without overlayimg.</summary>
    public static async Task WriteAsync(string archive)
    {
        using var work = new TemporaryDirectory();
        await Testing.Tool.BashAsync(
            "mkdir -p tree/bin; cp $(command -v busybox) tree/bin/; tar -C tree --owner=0 --group=0 --mtime=@1 -cf layer.tar .", work.Path);
        await DerivedImage.WriteAsync(archive, null, work["layer.tar"]);
    }

    /// <summary>Writes an image of two layers. The second layer replaces and deletes files of the first.</summary>
    public static async Task WriteInLayersAsync(string name, string archive, string motd)
    {
        using var work = new TemporaryDirectory();
        await Testing.Tool.BashAsync(
            $"""
            mkdir -p first/bin first/etc first/srv second/etc
            cp $(command -v busybox) first/bin/; ln -s busybox first/bin/cat; echo replaced > first/etc/motd; echo deleted > first/srv/file
            seq 10000 > first/srv/numbers
            echo '{motd}' > second/etc/motd; mkdir second/srv; touch second/srv/.wh.file
            for layer in first second; do tar -C $layer --owner=0 --group=0 --mtime=@1 -cf $layer.tar .; done
            """, work.Path);
        await DerivedImage.WriteNamedAsync(name, archive, null, work["first.tar"], work["second.tar"]);
    }
}
