using OverlayImg.Testing;

namespace OverlayImg.Tool.Tests.Judges;

/// <summary>The smallest image from which a container runs: the machine's static busybox.</summary>
public static class BusyboxImage
{
    /// <summary>What the container prints that runs <see cref="Command"/>.</summary>
    public const string Greeting = "hello from busybox";

    /// <summary>A command line that works in it.</summary>
    public static readonly string[] Command = ["/bin/busybox", "echo", Greeting];

    /// <summary>Writes it as a docker-archive, with nothing of ours.</summary>
    public static async Task WriteAsync(string archive)
    {
        using var work = new TemporaryDirectory();
        await Testing.Tool.BashAsync("mkdir -p tree/bin; cp $(command -v busybox) tree/bin/; tar -C tree --owner=0 --group=0 --mtime=@1 -cf layer.tar .", work.Path);
        await DerivedImage.WriteAsync(archive, null, work["layer.tar"]);
    }
}
