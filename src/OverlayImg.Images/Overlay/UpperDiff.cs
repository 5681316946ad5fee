using OverlayImg.FileSystems;

namespace OverlayImg.Images.Overlay;

/// <summary>A new layer in the form of its tar, and warnings about files that it can't hold.</summary>
/// <param name="Tree">Tree of the layer with <c>.wh.</c> names for whiteouts; always has a root.</param>
/// <param name="Warnings">One sentence for each file or attribute that was left out.</param>
public sealed record NewLayer(FileTree Tree, IReadOnlyList<string> Warnings)
{
    /// <summary>Counts all entries, and the whiteouts among them.</summary>
    public (int Entries, int Whiteouts) Count()
    {
        var (entries, whiteouts) = (0, 0);
        foreach (var (path, _) in Tree.Walk())
        {
            entries++;
            if (TreePath.Name(path).Span.StartsWith(WhiteoutName.Prefix)) whiteouts++;
        }

        return (entries, whiteouts);
    }
}

/// <summary>
/// Makes a layer of the upper directory of an overlay. The layer has only the differences to the lower layers, as
/// entries and explicit whiteouts (OCI Image Specification, layer, advises against opaque marks). The same changes give
/// the same layer on any kernel, although kernels mark every directory opaque that is made in a merged directory.
/// </summary>
/// <remarks>
/// A file that was copied up is in the layer even if it is unchanged: a comparison would read both files. A directory
/// that was copied up only for its entries, or whose time alone changed, is in the layer only if an entry is.
/// </remarks>
public sealed class UpperDiff
{
    private const int MaximumWarnings = 100;

    private readonly List<string> _warnings = [];
    private readonly Dictionary<FileNode, FileNode> _plain = [];

    private UpperDiff()
    {
    }

    /// <summary>A directory on the path from the root of the upper directory to the current entry.</summary>
    /// <param name="Name">Name in the parent directory.</param>
    /// <param name="Path">Path in the tree.</param>
    /// <param name="Upper">The directory in the upper directory.</param>
    /// <param name="Lower">The directory of the lower layers at this path; null for none.</param>
    /// <param name="HidesLower">Whether this directory or a parent is opaque, so that <paramref name="Lower"/> is hidden.</param>
    /// <param name="Result">The directory in the new layer.</param>
    private sealed record Level(ByteString Name, ByteString Path, DirectoryNode Upper, DirectoryNode? Lower, bool HidesLower, DirectoryNode Result)
    {
        public Queue<DirectoryEntry> Entries { get; } = new(Upper.SortedEntries());
    }

    /// <summary>Computes the layer from the upper directory and the lower layers.</summary>
    /// <param name="upper">The upper directory as the kernel left it.</param>
    /// <param name="lower">The merged lower layers, without whiteouts and opaque marks.</param>
    /// <exception cref="InputException">
    /// A name starts with <c>.wh.</c>, or the mount used <c>redirect_dir</c> or <c>metacopy</c>.
    /// </exception>
    public static NewLayer Compute(FileTree upper, FileTree lower, CancellationToken cancellationToken = default) =>
        new UpperDiff().Run(upper, lower, cancellationToken);

    private NewLayer Run(FileTree upper, FileTree lower, CancellationToken cancellationToken)
    {
        var root = Enter(ByteString.Empty, ByteString.Empty, upper.Root, lower.Root, insideOpaque: false);
        var levels = new Stack<Level>([root]);
        while (levels.TryPeek(out var level))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!level.Entries.TryDequeue(out var entry))
            {
                levels.Pop();
                if (levels.TryPeek(out var parent) && IsDifferent(level)) parent.Result.Set(level.Name, level.Result);
            }
            else if (Add(level, entry) is { } child) levels.Push(child);
        }

        return new(new(root.Result), _warnings);
    }

    private Level Enter(ByteString name, ByteString path, DirectoryNode upper, DirectoryNode? lower, bool insideOpaque)
    {
        WarnOfOverlayAttributes(path, upper);
        var level = new Level(name, path, upper, lower, insideOpaque || OverlayForm.IsOpaque(upper), new(OverlayForm.Plain(upper.Metadata)));
        if (level is not { HidesLower: true, Lower: not null }) return level;
        foreach (var (hidden, _) in level.Lower.UnsortedEntries)
        {
            if (!upper.TryFind(hidden, out _)) WhiteOut(level, hidden);
        }

        return level;
    }

    // The time of a directory alone is no difference: added and deleted names change it, and so does copying up on some
    // kernels.
    private static bool IsDifferent(Level level) => level.Lower is null || level.Result.Count > 0
        || level.Result.Metadata with { ModificationTime = level.Lower.ModificationTime } != level.Lower.Metadata;

    /// <summary>Adds an entry of the upper directory to the layer; returns the next level if the entry is a directory.</summary>
    private Level? Add(Level level, DirectoryEntry entry)
    {
        var (name, node) = entry;
        if (IsWhiteout(node))
        {
            WhiteOut(level, name);
            return null;
        }

        RefuseReservedName(level, name);
        RefuseRedirection(level, name, node);
        switch (node)
        {
            case DirectoryNode directory:
                return Enter(name, TreePath.Join(level.Path, name), directory, level.Lower?.Find(name) as DirectoryNode, level.HidesLower);
            case SpecialNode { Type: FileType.Socket }:
                _warnings.Add($"{TreePath.Join(level.Path, name)} is a socket, which no layer can hold; it is left out.");
                WhiteOut(level, name);
                return null;
            default:
                WarnOfOverlayAttributes(TreePath.Join(level.Path, name), node);
                level.Result.Set(name, Plain(node));
                return null;
        }
    }

    // Since Linux 6.7 a whiteout can also be an empty file with an attribute, which can be stored on an overlay.
    private static bool IsWhiteout(FileNode node) => OverlayForm.IsWhiteout(node)
        || (node is RegularFileNode { Content.Length: 0 } && node.ExtendedAttributes.Find("trusted.overlay.whiteout"u8) is not null);

    private static void WhiteOut(Level level, ByteString name)
    {
        if (level.Lower?.TryFind(name, out _) != true) return;
        RefuseReservedName(level, name);
        level.Result.Set(WhiteoutName.Of(name), new RegularFileNode(Metadata.DefaultFile, FileContent.Empty));
    }

    // trusted.overlay.* is the kernel's in this overlay. Scripts can set only user.overlay.*, and trusted.overlay.*,
    // which the kernel stores as trusted.overlay.overlay.*.
    private void WarnOfOverlayAttributes(ByteString path, FileNode node)
    {
        if (_warnings.Count >= MaximumWarnings || !node.ExtendedAttributes.Any(attribute => IsOfScript(attribute.Name.Span))) return;
        _warnings.Add($"{path}: {OverlayForm.LeftOut}.");
    }

    private static bool IsOfScript(ReadOnlySpan<byte> name) =>
        name.StartsWith("user.overlay."u8) || name.StartsWith("trusted.overlay.overlay."u8);

    private FileNode Plain(FileNode node)
    {
        var metadata = OverlayForm.Plain(node.Metadata);
        if (ReferenceEquals(metadata.ExtendedAttributes, node.ExtendedAttributes)) return node;
        // All hard links of a file get the same new node.
        if (!_plain.TryGetValue(node, out var plain)) _plain.Add(node, plain = node.WithMetadata(metadata));
        return plain;
    }

    private static void RefuseReservedName(Level level, ByteString name)
    {
        if (!name.Span.StartsWith(WhiteoutName.Prefix)) return;
        throw new InputException("can't be in a layer: a name that starts with .wh. marks a deleted file there", Where(level, name))
        {
            Advice = "Let the script remove or rename it.",
        };
    }

    private static void RefuseRedirection(Level level, ByteString name, FileNode node)
    {
        foreach (var (attribute, _) in node.ExtendedAttributes)
        {
            if (!attribute.Span.StartsWith("trusted.overlay.redirect"u8) && !attribute.Span.StartsWith("trusted.overlay.metacopy"u8))
                continue;
            throw new InputException($"has the attribute {attribute}: its content is in a lower layer", Where(level, name))
            {
                Advice = "Mount the overlay with redirect_dir=off,metacopy=off.",
            };
        }
    }

    private static InputLocation Where(Level level, ByteString name) => new(Path: TreePath.Join(level.Path, name).ToString());
}
