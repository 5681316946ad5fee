using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.Images.Sessions;
using OverlayImg.Layers.Contents;

namespace OverlayImg.Layers.Guests;

/// <summary>The files of a mount, as they are written to the mount's disk.</summary>
/// <param name="Tree">The directory, or a directory with the one file <see cref="FileName"/>.</param>
/// <param name="IsFile">Whether the mount is one file.</param>
internal sealed record MountedTree(FileTree Tree, bool IsFile)
{
    /// <summary>Name of the file on the disk of a mount that is one file.</summary>
    public const string FileName = "content";

    /// <summary>Reads the file or directory of a mount. Symbolic links to it are followed. A pipe is read to its end.</summary>
    /// <exception cref="InputException">The source does not exist, or the target of a file ends with a slash.</exception>
    /// <exception cref="MachineException">A file can't be read, or the disk has no space for the content of a pipe.</exception>
    public static MountedTree Read(HostMount mount, Session session)
    {
        var cancellationToken = session.CancellationToken;
        var type = HostTree.TypeOf(mount.Source);
        if (type is FileType.Directory or null) return new(HostTree.Read(mount.Source, new(), cancellationToken), IsFile: false);
        if (mount.Target.EndsWith('/'))
        {
            throw new InputException($"is a file, and the scripts would see it at '{mount.Target}', which ends with a slash", new(mount.Source))
            {
                Advice = $"Name the file in the target: {mount.Target}{Path.GetFileName(mount.Source)}",
            };
        }

        var node = type switch
        {
            FileType.RegularFile => HostTree.RealPath(mount.Source) is { } path ? HostTree.ReadNode(path, new(), cancellationToken) : null,
            FileType.Fifo => new RegularFileNode(Metadata.DefaultFile, PipeContent.Read(mount.Source, session)),
            _ => throw new InputException("is neither a file nor a directory, so it can't be mounted", new(mount.Source)),
        };
        var tree = new FileTree();
        tree.Root.Set(ByteString.FromText(FileName), node ?? throw new InputException("was removed while it was read", new(mount.Source)));
        return new(tree, IsFile: true);
    }
}
