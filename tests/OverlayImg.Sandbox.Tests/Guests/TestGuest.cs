using System.Text;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Ext4.Writing;
using OverlayImg.Sandbox.Accelerators;
using OverlayImg.Sandbox.Guests;
using OverlayImg.Sandbox.Jobs;
using OverlayImg.Testing;

namespace OverlayImg.Sandbox.Tests.Guests;

/// <summary>What tests with a real guest share: the guest image of this checkout, and small disks.</summary>
internal static class TestGuest
{
    /// <summary>The guest image: the environment's, else the one that vm-images/build made in this checkout.</summary>
    public static GuestImage Image { get; } = Environment.GetEnvironmentVariable(GuestImage.Variable) is { Length: > 0 }
        ? GuestImage.Find()
        : GuestImage.Open(Path.Combine(Checkout(), "vm-images/out"));

    public static GuestOptions Options(string scratch, AcceleratorChoice accelerator = AcceleratorChoice.Tcg) =>
        new() { Image = Image, ScratchPath = scratch, Accelerator = accelerator, MemoryMiB = 256 };

    /// <summary>Boots one, or starts it from a snapshot in <paramref name="snapshots"/>.</summary>
    public static Task<Guest> StartAsync(string scratch, string? snapshots = null, CancellationToken cancellationToken = default) =>
        GuestStarter.StartAsync(Options(scratch) with { SnapshotsPath = snapshots }, null, cancellationToken);

    /// <summary>A job with a script that runs in the image's root.</summary>
    public static GuestJob Job(string directory, string script, params string[] parents) => new()
    {
        UpperDisk = Upper(Path.Combine(directory, "upper.ext4"), 64 << 20),
        ParentDisks = parents,
        Scripts = Script(JobScript.RunAsRoot, script),
    };

    /// <summary>One script, as a job has it.</summary>
    public static Dictionary<JobScript, ReadOnlyMemory<byte>> Script(JobScript place, string text) =>
        new() { [place] = Encoding.UTF8.GetBytes(text) };

    /// <summary>An upper disk with its four directories.</summary>
    public static string Upper(string path, long size)
    {
        var tree = new FileTree();
        string[] names = ["layer", "work", "mnt", "out"];
        foreach (var name in names) tree.Root.Set(ByteString.FromText(name), new DirectoryNode(Metadata.DefaultDirectory));
        Ext4Writer.Write(tree, path, new() { Size = size }, CancellationToken.None);
        return path;
    }

    /// <summary>A parent disk with text files in its root.</summary>
    public static string Parent(string path, params IEnumerable<(string Name, string Text)> files)
    {
        var tree = new FileTree();
        foreach (var (name, text) in files)
        {
            var content = new MemoryContent(Encoding.UTF8.GetBytes(text));
            tree.Root.Set(ByteString.FromText(name), new RegularFileNode(Metadata.DefaultFile, content));
        }

        Ext4Writer.Write(tree, path, new() { ReadOnly = true }, CancellationToken.None);
        return path;
    }

    /// <summary>Parents that overwrite each other's file <c>which</c>, and have one file each of their own.</summary>
    public static string[] Parents(TemporaryDirectory directory, int count) =>
        [.. Enumerable.Range(0, count).Select(index => Parent(directory[$"parent-{index}.ext4"], ("which", $"{index}\n"), ($"of-{index}", "")))];

    private static string Checkout()
    {
        for (var directory = AppContext.BaseDirectory; directory is not null; directory = Path.GetDirectoryName(directory))
        {
            if (File.Exists(Path.Combine(directory, "Sandbox.sln"))) return directory;
        }

        throw new InvalidOperationException("The tests don't lie in a checkout.");
    }
}
