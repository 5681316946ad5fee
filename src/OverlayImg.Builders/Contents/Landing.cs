using OverlayImg.FileSystems;

namespace OverlayImg.Builders.Contents;

/// <summary>One run of <see cref="ContentsLanding"/>.</summary>
internal sealed class Landing
{
    private readonly Stack<Frame> _frames = new();
    private readonly List<string> _warnings = [];
    private readonly FileTree _contents;
    private readonly FileTree _base;
    private readonly FileTree _upper;
    private readonly TreeResolver _resolver;
    private readonly CancellationToken _cancellationToken;

    public Landing(FileTree contents, FileTree mergedBase, CancellationToken cancellationToken)
    {
        (_contents, _base, _cancellationToken) = (contents, mergedBase, cancellationToken);
        var root = contents.Root.IsImplied ? PassedThrough(mergedBase.Root) : new DirectoryNode(contents.Root.Metadata);
        _upper = new(root);
        _resolver = new(_upper, below: mergedBase);
    }

    /// <summary>A directory of the contents and where it landed.</summary>
    /// <param name="Source">The directory.</param>
    /// <param name="Path">Its path in the contents.</param>
    /// <param name="Landed">Its path in the upper directory: no links, no <c>..</c>.</param>
    private sealed record Frame(DirectoryNode Source, ByteString Path, ByteString Landed)
    {
        public Queue<Frame> Pending { get; } = new();
    }

    public ContentsResult Run()
    {
        Enter(new(_contents.Root, default, default));
        while (_frames.TryPeek(out var frame))
        {
            if (frame.Pending.TryDequeue(out var next)) Enter(next);
            else _frames.Pop();
        }

        return new(_upper, _warnings);
    }

    // The same order as in the merge: what is no directory first, so that the contents' own links stand when directories meet them.
    private void Enter(Frame frame)
    {
        _frames.Push(frame);
        var target = UpperDirectory(frame.Landed, frame.Path);
        var directories = new List<(ByteString Name, DirectoryNode Node)>();
        foreach (var (name, node) in frame.Source.SortedEntries())
        {
            _cancellationToken.ThrowIfCancellationRequested();
            if (node is DirectoryNode directory) directories.Add((name, directory));
            else Place(target, name, node, TreePath.Join(frame.Path, name), TreePath.Join(frame.Landed, name));
        }

        foreach (var (name, node) in directories)
        {
            var path = TreePath.Join(frame.Path, name);
            frame.Pending.Enqueue(new(node, path, Land(node, path, TreePath.Join(frame.Landed, name))));
        }
    }

    private void Place(DirectoryNode target, ByteString name, FileNode node, ByteString path, ByteString landed)
    {
        switch (target.Find(name))
        {
            case DirectoryNode { Count: > 0 }:
                throw new InputException($"lands at {landed}, where other contents put a directory that is not empty", new(Path: path.ToString()));
            case not null:
                _warnings.Add($"contents: {path} lands at {landed} and replaces what other contents put there");
                break;
            case null when _base.Find(landed.Span) is DirectoryNode:
                _warnings.Add($"contents: {path} is no directory and hides the base image's directory {landed}");
                break;
        }

        target.Set(name, node);
    }

    /// <summary>Makes the directory, or describes the one that is there; gives its path in the upper directory.</summary>
    private ByteString Land(DirectoryNode source, ByteString path, ByteString wanted)
    {
        var resolution = _resolver.Resolve(wanted);
        if (resolution.Outcome == ResolutionOutcome.TooManyLinks)
        {
            throw new InputException($"is a directory in the contents and a symbolic link in the base image that leads in a circle (at {resolution.Path})", new(Path: path.ToString()));
        }

        var landed = resolution.Directory is null ? wanted : resolution.Path;
        if (landed.IsEmpty) return landed;
        var parent = UpperDirectory(TreePath.Parent(landed), path);
        var name = TreePath.Name(landed);
        var existing = parent.Find(name) as DirectoryNode;
        if (source.IsImplied)
        {
            if (existing is null) parent.Set(name, _base.Find(landed.Span) is DirectoryNode below ? PassedThrough(below) : new(source.Metadata, isImplied: true));
        }
        else if (existing is null)
        {
            parent.Set(name, new DirectoryNode(source.Metadata));
        }
        else if (existing.IsImplied || landed == wanted)
        {
            parent.Set(name, existing.WithMetadata(source.Metadata));
        }

        return landed;
    }

    /// <summary>The directory at <paramref name="landed"/> in the upper directory; those of the base on the way to it are made there as they are.</summary>
    private DirectoryNode UpperDirectory(ByteString landed, ByteString path)
    {
        var upper = _upper.Root;
        DirectoryNode? lower = _base.Root;
        foreach (var component in TreePath.Components(landed.Span))
        {
            var name = new ByteString(landed.Span[component]);
            lower = lower?.Find(name) as DirectoryNode;
            switch (upper.Find(name))
            {
                case DirectoryNode next:
                    upper = next;
                    break;
                case null when lower is not null:
                    var passed = PassedThrough(lower);
                    upper.Set(name, passed);
                    upper = passed;
                    break;
                default:
                    throw new InputException($"lands at {landed}, where other contents put something that is no directory", new(Path: path.ToString()));
            }
        }

        return upper;
    }

    private static DirectoryNode PassedThrough(DirectoryNode directory) =>
        new(directory.Metadata with { ExtendedAttributes = ContentsRules.WithoutOverlay(directory.ExtendedAttributes) }, isImplied: true);
}
