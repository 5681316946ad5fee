using OverlayImg.FileSystems;
using OverlayImg.Images.Layers;

namespace OverlayImg.Layers.Contents;

/// <summary>
/// Gives a copy its place and its owner, as a Dockerfile's COPY does. The inside of a directory goes to the destination. A file goes to the
/// destination, or into the destination if that is a directory or ends with a slash. Symbolic links of the destination are followed inside the
/// image. Missing parents are made with mode 0755 and belong to root.
/// </summary>
/// <param name="part">The part of the contents that is the copy.</param>
/// <param name="below">The base image with the parts before the copy.</param>
/// <param name="image">The base image, for its name and its working directory.</param>
/// <param name="options">The default owner.</param>
internal sealed class CopyPlacement(ContentsPart part, FileTree below, ContentsBase image, ContentsOptions options)
{
    private readonly string _source = part.Source!.Path;
    private readonly CopyTarget _copy = part.Source!.Copy!;

    /// <summary>Returns the copy as contents of the root directory.</summary>
    /// <exception cref="InputException">
    /// The destination leads through a file or a circular link, the copy would replace a file by a directory or a directory by a file, or a user
    /// or a group is unknown.
    /// </exception>
    public ContentsResult Place()
    {
        var (uid, gid) = Owner();
        var target = Target();
        var root = new DirectoryNode(Metadata.DefaultDirectory, isImplied: true);
        // COPY keeps the modes of the files below the source. A new destination has mode 0755.
        var made = Metadata.DefaultDirectory with { Uid = uid, Gid = gid };
        var top = part.IsDirectory ? target : TreePath.Parent(target);
        var directory = Make(root, top, part.IsDirectory && below.Find(top.Span) is null ? made : null);
        var ownerless = new HashSet<ByteString>();
        if (part.IsDirectory) Fill(directory, top, uid, gid, ownerless);
        else
        {
            var file = part.Tree.Root.SortedEntries()[0].Node;
            LayerRules.Check(_source, target, file);
            directory.Set(TreePath.Name(target), file.WithMetadata(file.Metadata with { Uid = uid, Gid = gid }));
        }

        return new(new(root), part.Merged.Warnings) { OwnerlessDirectories = ownerless };
    }

    private (uint Uid, uint Gid) Owner()
    {
        var users = new UserDatabase(below, image.Name is null
            ? "the contents before the copy (there is no base image)" : $"{image.Name} with the contents before the copy");
        var (uid, gid) = _copy.Owner is null ? (options.Uid ?? 0, options.Gid ?? 0) : users.FindUser(_copy.Owner);
        return (uid, _copy.Group is null ? gid : users.FindGroup(_copy.Group));
    }

    /// <summary>Returns the path of the copied file, or of the directory that gets the inside of the copied directory.</summary>
    private ByteString Target()
    {
        var path = Followed();
        var node = below.Find(path.Span);
        if (part.IsDirectory) return node is null or DirectoryNode ? path : throw IsFile(path);
        if (node is DirectoryNode || IsDirectoryWanted)
        {
            if (node is not (null or DirectoryNode)) throw IsFile(path);
            path = TreePath.Join(path, TreePath.Name(ByteString.FromText(_source)));
            node = below.Find(path.Span);
        }

        return node is not DirectoryNode ? path : throw Conflict($"/{path} is a directory, which the file would replace");
    }

    private bool IsDirectoryWanted => _copy.Destination.EndsWith('/') || _copy.Destination.Split('/')[^1] is "." or "..";

    // A missing directory counts as an empty directory, because the copy makes it.
    private ByteString Followed()
    {
        var start = _copy.IsRelative ? $"{image.WorkingDirectory}/" : "";
        var rest = new Stack<ByteString>();
        Push(rest, ByteString.FromText(start + _copy.Destination));
        var path = ByteString.Empty;
        for (var links = 0; rest.TryPop(out var name);)
        {
            if (name.Span.SequenceEqual("."u8)) continue;
            if (name.Span.SequenceEqual(".."u8))
            {
                path = TreePath.Parent(path);
                continue;
            }

            var next = TreePath.Join(path, name);
            switch (below.Find(next.Span))
            {
                case SymbolicLinkNode link:
                    if (++links > TreeResolver.MaximumLinks) throw Conflict($"/{next} is a circular symbolic link");
                    if (link.Target.Span.StartsWith("/"u8)) path = ByteString.Empty;
                    Push(rest, link.Target);
                    break;
                case null or DirectoryNode:
                    path = next;
                    break;
                default:
                    path = rest.Count == 0 ? next : throw IsFile(next);
                    break;
            }
        }

        return path.Length <= TreePath.MaximumLength ? path : throw Conflict("the path is too long");
    }

    private static void Push(Stack<ByteString> rest, ByteString path)
    {
        var names = new List<ByteString>();
        foreach (var range in TreePath.Components(path.Span)) names.Add(new(path.Span[range]));
        names.Reverse();
        foreach (var name in names) rest.Push(name);
    }

    /// <summary>Makes the directories of a path. The last directory has the given metadata, or is implied without metadata.</summary>
    private DirectoryNode Make(DirectoryNode root, ByteString path, Metadata? last)
    {
        var directory = root;
        var made = ByteString.Empty;
        foreach (var range in TreePath.Components(path.Span))
        {
            var name = new ByteString(path.Span[range]);
            made = TreePath.Join(made, name);
            var next = last is { } metadata && made == path
                ? new DirectoryNode(metadata) : new DirectoryNode(Metadata.DefaultDirectory, isImplied: true);
            LayerRules.Check(_source, made, next);
            directory.Set(name, next);
            directory = next;
        }

        return directory;
    }

    private void Fill(DirectoryNode target, ByteString path, uint uid, uint gid, HashSet<ByteString> ownerless)
    {
        var keepsOwners = _copy is { Owner: null, Group: null } && (options.Uid ?? options.Gid) is not null;
        var pending = new Stack<(DirectoryNode Source, DirectoryNode Target, ByteString Path)>([(part.Tree.Root, target, path)]);
        while (pending.TryPop(out var level))
        {
            foreach (var (name, node) in level.Source.UnsortedEntries)
            {
                var owned = node.Metadata with { Uid = uid, Gid = gid };
                if (node is not DirectoryNode source)
                {
                    level.Target.Set(name, node.WithMetadata(owned));
                    continue;
                }

                var directory = new DirectoryNode(owned);
                level.Target.Set(name, directory);
                var below = TreePath.Join(level.Path, name);
                if (keepsOwners) ownerless.Add(below);
                pending.Push((source, directory, below));
            }
        }
    }

    private InputException IsFile(ByteString path) => Conflict($"/{path} is a file, and a directory is needed there");

    private InputException Conflict(string why) => new($"can't be copied to {ByteString.FromText(_copy.Destination)}: {why}", new(_source))
    {
        Advice = new("Choose another destination.", LayerSetting.Copies),
    };
}
