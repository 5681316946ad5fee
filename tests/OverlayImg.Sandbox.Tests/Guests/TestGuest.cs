using System.Text;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Ext4.Writing;
using OverlayImg.Sandbox.Accelerators;
using OverlayImg.Sandbox.Guests;
using OverlayImg.Sandbox.Jobs;
using OverlayImg.Testing;

namespace OverlayImg.Sandbox.Tests.Guests;

/// <summary>Makes guests from the guest image of this checkout, small disks and small jobs.</summary>
internal static class TestGuest
{
    /// <summary>The guest image that the environment names, else the guest image that vm-images/build made in this checkout.</summary>
    public static GuestImage Image { get; } = Environment.GetEnvironmentVariable(GuestImage.Variable) is { Length: > 0 }
        ? GuestImage.Find()
        : GuestImage.Open(Path.Combine(Checkout(), "vm-images/out"));

    public static GuestOptions Options(string scratch, AcceleratorChoice accelerator = AcceleratorChoice.Tcg) =>
        new() { Image = Image, ScratchPath = scratch, Accelerator = accelerator, MemoryMiB = 256 };

    /// <summary>Boots a guest, or starts it from a snapshot in <paramref name="snapshots"/>.</summary>
    public static Task<Guest> StartAsync(string scratch, string? snapshots = null, CancellationToken cancellationToken = default) =>
        GuestStarter.StartAsync(Options(scratch) with { SnapshotsPath = snapshots }, null, cancellationToken);

    /// <summary>A job with a script that runs in the image's root; an empty text is no script.</summary>
    public static GuestJob Job(string directory, string script, params string[] parents) => new()
    {
        UpperDisk = Upper(Path.Combine(directory, "upper.ext4"), 64 << 20),
        ParentDisks = parents,
        Steps = script.Length == 0 ? [] : [new("the script", Encoding.UTF8.GetBytes(script))],
    };

    /// <summary>One script around the steps of a job.</summary>
    public static Dictionary<JobScript, ReadOnlyMemory<byte>> Script(JobScript place, string text) =>
        new() { [place] = Encoding.UTF8.GetBytes(text) };

    /// <summary>The same script at every place around the steps.</summary>
    public static Dictionary<JobScript, ReadOnlyMemory<byte>> EveryHook(string text) =>
        Enum.GetValues<JobScript>().ToDictionary(place => place, _ => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(text));

    /// <summary>Makes an upper disk with its four directories. The size is in bytes.</summary>
    public static string Upper(string path, long size)
    {
        var tree = new FileTree();
        string[] names = ["layer", "work", "mnt", "out"];
        foreach (var name in names) tree.Root.Set(ByteString.FromText(name), new DirectoryNode(Metadata.DefaultDirectory));
        Ext4Writer.Write(tree, path, new() { Size = size }, CancellationToken.None);
        return path;
    }

    /// <summary>Makes a parent disk with text files in its root directory.</summary>
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

    /// <summary>Makes parent disks that each have the file <c>which</c> with their number, and a file <c>of-NUMBER</c>.</summary>
    public static string[] Parents(TemporaryDirectory directory, int count) =>
        [.. Enumerable.Range(0, count).Select(index => Parent(directory[$"parent-{index}.ext4"], ("which", $"{index}\n"), ($"of-{index}", "")))];

    private static string Checkout()
    {
        for (var directory = AppContext.BaseDirectory; directory is not null; directory = Path.GetDirectoryName(directory))
        {
            if (File.Exists(Path.Combine(directory, "Sandbox.sln"))) return directory;
        }

        throw new InvalidOperationException("The tests are not in a checkout.");
    }
}
