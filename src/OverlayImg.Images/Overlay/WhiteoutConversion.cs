using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;

namespace OverlayImg.Images.Overlay;

/// <summary>Converts a layer from the form of its tar to overlay form: finds the entries to change, and changes a copy.</summary>
internal sealed class WhiteoutConversion(InputLocation where)
{
    /// <summary>An entry to change. The node is null for a hard link whose target is missing in the tar.</summary>
    private sealed record Finding(ByteString Directory, ByteString Name, FileNode? Node);

    private sealed record Level(ByteString Path, DirectoryNode Directory);

    private const int MaximumWarnings = 100;

    private readonly List<string> _warnings = [];
    private readonly Dictionary<FileNode, FileNode> _plain = [];

    public OverlayLayer Convert(TarTreeResult tar, CancellationToken cancellationToken)
    {
        _warnings.AddRange(tar.Warnings);
        var (markers, links) = Partition(tar.UnresolvedLinks);
        var findings = Scan(tar.Tree.Root, cancellationToken);
        findings.AddRange(markers);
        if (findings.Count == 0) return new(tar, tar.Tree, links, _warnings, where);

        var editor = new TreeEditor(tar.Tree.Root);
        foreach (var finding in findings) StripOverlayAttributes(editor, finding);
        foreach (var finding in findings) Apply(editor, finding);
        return new(tar, editor.ToTree(), links, _warnings, where);
    }

    private static (List<Finding> Markers, List<UnresolvedLink> Links) Partition(IReadOnlyList<UnresolvedLink> links)
    {
        var markers = new List<Finding>();
        var others = new List<UnresolvedLink>();
        foreach (var link in links)
        {
            var directory = TreePath.Parent(link.Path);
            var name = TreePath.Name(link.Path);
            if (IsInMetadata(directory)) continue;
            if (WhiteoutName.KindOf(name.Span) == NameKind.Ordinary) others.Add(link);
            else markers.Add(new(directory, name, Node: null));
        }

        return (markers, others);
    }

    private static bool IsInMetadata(ByteString directory)
    {
        foreach (var name in TreePath.Components(directory.Span))
        {
            if (WhiteoutName.KindOf(directory.Span[name]) is NameKind.AufsMetadata or NameKind.OpaqueMarker) return true;
        }

        return false;
    }

    private List<Finding> Scan(DirectoryNode root, CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        if (HasOverlayAttributes(root)) findings.Add(new(ByteString.Empty, ByteString.Empty, root));
        var pending = new Stack<Level>([new(ByteString.Empty, root)]);
        while (pending.TryPop(out var level))
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var (name, node) in level.Directory.UnsortedEntries)
            {
                var kind = WhiteoutName.KindOf(name.Span);
                if (kind != NameKind.Ordinary || HasOverlayAttributes(node)) findings.Add(new(level.Path, name, node));
                if (OverlayForm.IsWhiteout(node)) Warn(level.Path, name, "is a character device 0:0, which overlayfs treats as a whiteout");
                if (node is not DirectoryNode directory || kind is not (NameKind.Ordinary or NameKind.Whiteout)) continue;
                pending.Push(new(TreePath.Join(level.Path, name), directory));
            }
        }

        return findings;
    }

    private static bool HasOverlayAttributes(FileNode node) => !ReferenceEquals(OverlayForm.Plain(node.ExtendedAttributes), node.ExtendedAttributes);

    private void StripOverlayAttributes(TreeEditor editor, Finding finding)
    {
        var (path, name, node) = finding;
        if (node is null || !HasOverlayAttributes(node)) return;
        Warn(path, name, "has attributes that are overlayfs's own; they are left out");
        var metadata = OverlayForm.Plain(node.Metadata);
        if (node is DirectoryNode)
        {
            editor.Amend(TreePath.Join(path, name), metadata);
            return;
        }

        // All hard links of a file get the same new node.
        if (!_plain.TryGetValue(node, out var plain)) _plain.Add(node, plain = node.WithMetadata(metadata));
        editor.Open(path).Set(name, plain);
    }

    private void Apply(TreeEditor editor, Finding finding)
    {
        var (path, name, node) = finding;
        switch (WhiteoutName.KindOf(name.Span))
        {
            case NameKind.Ordinary:
                break;
            case NameKind.Forbidden:
                throw new InputException(
                    "is a whiteout of nothing, of its own directory, or of the parent",
                    where with { Path = TreePath.Join(path, name).ToString() });
            case NameKind.OpaqueMarker:
                var directory = editor.Open(path);
                directory.Remove(name);
                editor.Amend(path, OverlayForm.Opaque(directory.Metadata));
                break;
            case NameKind.AufsMetadata:
                // Files in .wh..wh.plnk may be targets of the layer's hard links, which share the nodes and keep them.
                editor.Open(path).Remove(name);
                break;
            case NameKind.Whiteout:
                WhiteOut(editor, path, name, node);
                break;
        }
    }

    private void WhiteOut(TreeEditor editor, ByteString path, ByteString name, FileNode? node)
    {
        var directory = editor.Open(path);
        if (node is DirectoryNode { Count: > 0 } literal)
        {
            // docker and containerd unpack files below a whiteout under the literal name. No real layer has such files.
            Warn(path, name, "is named like a whiteout but holds files; it is kept");
            if (literal.IsImplied) return;
        }
        else directory.Remove(name);

        var target = WhiteoutName.TargetOf(name);
        switch (directory.Find(target))
        {
            case null:
                directory.Set(target, OverlayForm.NewWhiteout());
                break;
            case DirectoryNode replacing:
                // A directory deleted and made again in one layer keeps nothing of the lower one, not even its
                // metadata.
                editor.Describe(TreePath.Join(path, target), OverlayForm.Opaque(replacing.Metadata));
                break;
        }
    }

    private void Warn(ByteString path, ByteString name, string what)
    {
        // A hostile layer can cause any number of warnings.
        if (_warnings.Count < MaximumWarnings) _warnings.Add($"{where with { Path = TreePath.Join(path, name).ToString() }}: {what}.");
    }
}
