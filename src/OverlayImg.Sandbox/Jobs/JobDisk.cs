using System.Globalization;
using System.Text;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Ext4;

namespace OverlayImg.Sandbox.Jobs;

/// <summary>The parameters of a job as files on a small disk (vm-images/PROTOCOL.md, "Job disk"): no shell text is made, nothing is quoted.</summary>
internal static class JobDisk
{
    private const int MaximumNameLength = 255;

    /// <summary>Writes it to the file <paramref name="path"/>.</summary>
    public static void Write(GuestJob job, bool network, string path, CancellationToken cancellationToken) =>
        Ext4Writer.Write(Tree(job, network), path, new() { ReadOnly = true, RoomBehind = GuestJob.RoomBehindDisks }, cancellationToken);

    /// <summary>The disk's file system.</summary>
    /// <exception cref="ArgumentException">A variable or a mount that can't be expressed: the caller's to refuse.</exception>
    public static FileTree Tree(GuestJob job, bool network)
    {
        var tree = new FileTree();
        AddText(tree.Root, "parents", job.ParentDisks.Count.ToString(CultureInfo.InvariantCulture));
        if (network) AddText(tree.Root, "network", "");
        if (job.ShadowSetup) AddText(tree.Root, "shadow-setup", "");
        var mounts = AddDirectory(tree.Root, "mounts");
        foreach (var (index, mount) in job.Mounts.Index()) AddMount(AddDirectory(mounts, index.ToString(CultureInfo.InvariantCulture)), mount.Target);
        var environment = AddDirectory(tree.Root, "environment");
        foreach (var (name, value) in job.Environment) AddVariable(environment, name, value);
        var scripts = AddDirectory(tree.Root, "scripts");
        foreach (var (script, bytes) in job.Scripts) Add(scripts, ByteString.FromText(NameOf(script)), bytes);
        return tree;
    }

    private static string NameOf(JobScript script) => script switch
    {
        JobScript.PreMount => "pre-mount",
        JobScript.RunAsRoot => "run-as-root",
        JobScript.PostMount => "post-mount",
        JobScript.ExtraCommands => "extra-commands",
        JobScript.PostUmount => "post-umount",
        _ => throw new ArgumentOutOfRangeException(nameof(script), script, null),
    };

    private static void AddMount(DirectoryNode directory, ByteString target)
    {
        if (!target.Span.StartsWith("/"u8) || target.Span.Contains((byte)0))
        {
            throw new ArgumentException($"'{target}' is no absolute path to mount on.", nameof(target));
        }

        Add(directory, ByteString.FromText("target"), target.Memory);
    }

    private static void AddVariable(DirectoryNode directory, ByteString name, ReadOnlyMemory<byte> value)
    {
        if (!DirectoryNode.IsValidName(name.Span) || name.Span.Contains((byte)'=') || name.Length > MaximumNameLength || value.Span.Contains((byte)0))
        {
            throw new ArgumentException($"'{name}' can't be a variable of the environment.", nameof(name));
        }

        Add(directory, name, value);
    }

    private static DirectoryNode AddDirectory(DirectoryNode parent, string name)
    {
        var directory = new DirectoryNode(Metadata.DefaultDirectory);
        parent.Set(ByteString.FromText(name), directory);
        return directory;
    }

    private static void AddText(DirectoryNode directory, string name, string text) =>
        Add(directory, ByteString.FromText(name), Encoding.ASCII.GetBytes(text));

    private static void Add(DirectoryNode directory, ByteString name, ReadOnlyMemory<byte> bytes) =>
        directory.Set(name, new RegularFileNode(Metadata.DefaultFile, new MemoryContent(bytes)));
}
