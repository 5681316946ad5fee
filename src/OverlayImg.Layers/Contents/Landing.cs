using OverlayImg.FileSystems;

namespace OverlayImg.Layers.Contents;

/// <summary>One application of contents to a base image (<see cref="ContentsLanding"/>).</summary>
internal sealed class Landing
{
    private readonly Stack<Frame> _frames = new();
    private readonly List<string> _warnings = [];
    private readonly FileTree _contents;
    private readonly IReadOnlySet<ByteString> _ownerless;
    private readonly FileTree _base;
    private readonly FileTree _upper;
    private readonly TreeResolver _resolver;
    private readonly UpperDirectories _directories;
    private readonly CancellationToken _cancellationToken;

    public Landing(ContentsResult contents, FileTree mergedBase, CancellationToken cancellationToken)
    {
        (_contents, _ownerless, _base, _cancellationToken) = (contents.Tree, contents.OwnerlessDirectories, mergedBase, cancellationToken);
        var root = _contents.Root.IsImplied ? UpperDirectories.PassedThrough(mergedBase.Root) : new DirectoryNode(_contents.Root.Metadata);
        _upper = new(root);
        _resolver = new(_upper, below: mergedBase);
        _directories = new(_upper, mergedBase);
    }

    /// <summary>A directory of the contents and its destination.</summary>
    /// <param name="Path">Path in the contents.</param>
    /// <param name="Wanted">Path in the upper directory, before links of the base image are followed.</param>
    private sealed record Frame(DirectoryNode Source, ByteString Path, ByteString Wanted)
    {
        /// <summary>The subdirectories that still have to be placed.</summary>
        public Queue<Frame> Pending { get; } = new();
    }

    public ContentsResult Run()
    {
        Enter(new(_contents.Root, ByteString.Empty, ByteString.Empty));
        while (_frames.TryPeek(out var frame))
        {
            if (frame.Pending.TryDequeue(out var next)) Enter(next);
            else _frames.Pop();
        }

        return new(_upper, _warnings);
    }

    // The order is the same as in ItemMerge: subdirectories come last.
    private void Enter(Frame frame)
    {
        _frames.Push(frame);
        var landed = Land(frame.Source, frame.Path, frame.Wanted);
        var target = _directories.Make(landed);
        foreach (var (name, node) in frame.Source.SortedEntries())
        {
            _cancellationToken.ThrowIfCancellationRequested();
            var path = TreePath.Join(frame.Path, name);
            var wanted = TreePath.Join(landed, name);
            if (node is DirectoryNode directory) frame.Pending.Enqueue(new(directory, path, wanted));
            else Place(target, name, node, path, wanted);
        }
    }

    private void Place(DirectoryNode target, ByteString name, FileNode node, ByteString path, ByteString landed)
    {
        switch (target.Find(name))
        {
            case DirectoryNode { Count: > 0 }:
                throw new InputException($"goes to {landed}, where other contents have a directory that is not empty", new(Path: path.ToString()));
            case not null:
                _warnings.Add($"contents: {path} goes to {landed} and replaces the entry of other contents there.");
                break;
            case null when _base.Find(landed.Span) is DirectoryNode:
                _warnings.Add($"contents: {path} is not a directory and hides the directory {landed} of the base image or of earlier contents.");
                break;
        }

        target.Set(name, node);
    }

    /// <summary>
    /// Creates the directory, or changes the metadata of an existing one. Returns the directory's path in the upper directory.
    /// </summary>
    private ByteString Land(DirectoryNode source, ByteString path, ByteString wanted)
    {
        var resolution = _resolver.Resolve(wanted);
        if (resolution.Outcome == ResolutionOutcome.TooManyLinks)
        {
            var what = $"is a directory in the contents and a circular symbolic link in the base image (at {resolution.Path})";
            throw new InputException(what, new(Path: path.ToString()));
        }

        var landed = resolution.Directory is null ? wanted : resolution.Path;
        if (landed.IsEmpty) return landed;
        var parent = _directories.Make(TreePath.Parent(landed));
        var name = TreePath.Name(landed);
        var existing = parent.Find(name) as DirectoryNode;
        if (source.IsImplied)
        {
            if (existing is not null) return landed;
            var below = _base.Find(landed.Span) as DirectoryNode;
            parent.Set(name, below is null ? new(source.Metadata, isImplied: true) : UpperDirectories.PassedThrough(below));
        }
        else if (existing is null)
        {
            parent.Set(name, new DirectoryNode(Described(source, path, landed)));
        }
        else if (existing.IsImplied || landed == wanted)
        {
            parent.Set(name, existing.WithMetadata(Described(source, path, landed)));
        }

        return landed;
    }

    private Metadata Described(DirectoryNode source, ByteString path, ByteString landed) =>
        _ownerless.Contains(path) && _base.Find(landed.Span) is DirectoryNode below
            ? source.Metadata with { Uid = below.Uid, Gid = below.Gid }
            : source.Metadata;
}
