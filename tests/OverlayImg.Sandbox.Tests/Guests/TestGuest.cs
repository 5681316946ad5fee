using System.Text;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Ext4;
using OverlayImg.Sandbox.Jobs;

namespace OverlayImg.Sandbox.Tests.Guests;

/// <summary>What tests with a real guest share: the guest image of this checkout, and small disks.</summary>
internal static class TestGuest
{
    /// <summary>The guest image: the environment's, else the one that vm-images/build made in this checkout.</summary>
    public static GuestImage Image { get; } = Environment.GetEnvironmentVariable(GuestImage.Variable) is { Length: > 0 } ? GuestImage.Find() : GuestImage.Open(Path.Combine(Checkout(), "vm-images/out"));

    public static GuestOptions Options(string scratch, AcceleratorChoice accelerator = AcceleratorChoice.Tcg) =>
        new() { Image = Image, ScratchPath = scratch, Accelerator = accelerator, MemoryMiB = 256 };

    public static Task<Guest> StartAsync(string scratch, CancellationToken cancellationToken = default) => GuestStarter.StartAsync(Options(scratch), null, cancellationToken);

    /// <summary>A job with a script that runs in the image's root.</summary>
    public static GuestJob Job(string directory, string script, params string[] parents) => new()
    {
        UpperDisk = Upper(Path.Combine(directory, "upper.ext4"), 64 << 20), ParentDisks = parents, Scripts = new Dictionary<JobScript, ReadOnlyMemory<byte>> { [JobScript.RunAsRoot] = Encoding.UTF8.GetBytes(script) },
    };

    /// <summary>An upper disk with its four directories.</summary>
    public static string Upper(string path, long size)
    {
        var tree = new FileTree();
        foreach (var name in new[] { "layer", "work", "mnt", "out" }) tree.Root.Set(ByteString.FromText(name), new DirectoryNode(Metadata.DefaultDirectory));
        Ext4Writer.Write(tree, path, new() { Size = size }, CancellationToken.None);
        return path;
    }

    /// <summary>A parent disk with text files in its root.</summary>
    public static string Parent(string path, params IEnumerable<(string Name, string Text)> files)
    {
        var tree = new FileTree();
        foreach (var (name, text) in files) tree.Root.Set(ByteString.FromText(name), new RegularFileNode(Metadata.DefaultFile, new MemoryContent(Encoding.UTF8.GetBytes(text))));
        Ext4Writer.Write(tree, path, new() { ReadOnly = true }, CancellationToken.None);
        return path;
    }

    private static string Checkout()
    {
        for (var directory = AppContext.BaseDirectory; directory is not null; directory = Path.GetDirectoryName(directory))
        {
            if (File.Exists(Path.Combine(directory, "Sandbox.sln"))) return directory;
        }

        throw new InvalidOperationException("The tests don't lie in a checkout.");
    }
}
