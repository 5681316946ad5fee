using OverlayImg.FileSystems;

namespace OverlayImg.Images.Overlay;

/// <summary>A new layer as its tar is to have it, and what could not go into it.</summary>
/// <param name="Tree">With <c>.wh.</c> names instead of whiteouts; its root is always there.</param>
/// <param name="Warnings">What was left out, in sentences.</param>
public sealed record NewLayer(FileTree Tree, IReadOnlyList<string> Warnings)
{
    /// <summary>How many entries the layer has, whiteouts among them, and how many of them are whiteouts.</summary>
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
/// Makes a layer out of the upper directory of an overlay. Only the difference to the lower layers goes into it, as explicit whiteouts and
/// entries (image-spec, layer.md: writers should not use opaque marks), so that the same changes give the same layer on any kernel:
/// kernels mark every directory opaque that is made in a merged one, whether it hides anything or not.
/// </summary>
/// <remarks>
/// A file that was copied up is in the layer even if it is the same again: to find out would mean to read both. A directory that was copied up
/// only to hold others, or whose time alone changed, is in it only when an entry is.
/// </remarks>
public sealed class UpperDiff
{
    private const int MaximumWarnings = 100;

    private readonly List<string> _warnings = [];
    private readonly Dictionary<FileNode, FileNode> _plain = [];

    private UpperDiff()
    {
    }

    /// <summary>One directory on the way through the upper.</summary>
    /// <param name="Name">In its parent.</param>
    /// <param name="Path">In the tree.</param>
    /// <param name="Upper">The directory in the upper.</param>
    /// <param name="Lower">The directory that the lower layers have there, if they have one.</param>
    /// <param name="HidesLower">Whether nothing of <paramref name="Lower"/> shows: this directory or one above it is opaque.</param>
    /// <param name="Result">The directory in the new layer.</param>
    private sealed record Level(ByteString Name, ByteString Path, DirectoryNode Upper, DirectoryNode? Lower, bool HidesLower, DirectoryNode Result)
    {
        public Queue<DirectoryEntry> Entries { get; } = new(Upper.SortedEntries());
    }

    /// <summary>Compares.</summary>
    /// <param name="upper">The upper directory as the kernel left it.</param>
    /// <param name="lower">The lower layers, merged: no whiteouts, no opaque marks.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="InputException">
    /// A file named <c>.wh.*</c>, which no layer can hold; or the overlay was mounted with <c>redirect_dir</c> or <c>metacopy</c>.
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

    // Adding and deleting names changes a directory's time, and so does copying it up on some kernels: it alone is no difference.
    private static bool IsDifferent(Level level) => level.Lower is null || level.Result.Count > 0
        || level.Result.Metadata with { ModificationTime = level.Lower.ModificationTime } != level.Lower.Metadata;

    /// <summary>Takes one name of the upper into the layer; returns the level to go on with if it is a directory.</summary>
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

    // Since Linux 6.7 a whiteout can be an empty file with an attribute, too: such whiteouts can stand on an overlay themselves.
    private static bool IsWhiteout(FileNode node) => OverlayForm.IsWhiteout(node)
        || (node is RegularFileNode { Content.Length: 0 } && node.ExtendedAttributes.Find("trusted.overlay.whiteout"u8) is not null);

    private static void WhiteOut(Level level, ByteString name)
    {
        if (level.Lower?.TryFind(name, out _) != true) return;
        RefuseReservedName(level, name);
        level.Result.Set(WhiteoutName.Of(name), new RegularFileNode(Metadata.DefaultFile, FileContent.Empty));
    }

    // The kernel keeps trusted.overlay.* for itself here. A script's attributes are user.overlay.*, or escaped by the kernel as trusted.overlay.overlay.*.
    private void WarnOfOverlayAttributes(ByteString path, FileNode node)
    {
        if (_warnings.Count >= MaximumWarnings || !node.ExtendedAttributes.Any(attribute => IsOfScript(attribute.Name.Span))) return;
        _warnings.Add($"{path}: {OverlayForm.LeftOut}.");
    }

    private static bool IsOfScript(ReadOnlySpan<byte> name) => name.StartsWith("user.overlay."u8) || name.StartsWith("trusted.overlay.overlay."u8);

    private FileNode Plain(FileNode node)
    {
        var metadata = OverlayForm.Plain(node.Metadata);
        if (ReferenceEquals(metadata.ExtendedAttributes, node.ExtendedAttributes)) return node;
        // All names of a group of hard links get the same new node.
        if (!_plain.TryGetValue(node, out var plain)) _plain.Add(node, plain = node.WithMetadata(metadata));
        return plain;
    }

    private static void RefuseReservedName(Level level, ByteString name)
    {
        if (!name.Span.StartsWith(WhiteoutName.Prefix)) return;
        throw new InputException("can't be in a layer: names that start with .wh. say there that a file is deleted", Where(level, name))
        {
            Advice = "Let the script remove or rename it.",
        };
    }

    private static void RefuseRedirection(Level level, ByteString name, FileNode node)
    {
        foreach (var (attribute, _) in node.ExtendedAttributes)
        {
            if (!attribute.Span.StartsWith("trusted.overlay.redirect"u8) && !attribute.Span.StartsWith("trusted.overlay.metacopy"u8)) continue;
            throw new InputException($"has the attribute {attribute}: its content is elsewhere", Where(level, name))
            {
                Advice = "Mount the overlay with redirect_dir=off,metacopy=off.",
            };
        }
    }

    private static InputLocation Where(Level level, ByteString name) => new(Path: TreePath.Join(level.Path, name).ToString());
}
