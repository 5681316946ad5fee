using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Overlay;

namespace OverlayImg.Images.Validation;

/// <summary>Rules for the entries of a layer's tar (OCI Image Specification, layer).</summary>
internal sealed class LayerEntryRules(string where, Findings findings)
{
    /// <summary>The most names that are remembered, about 100 MB; few layers have more.</summary>
    private const int MaximumNames = 1 << 20;

    private readonly TreeBudget _budget = new();
    private readonly HashSet<ByteString> _impliedParents = [];
    private readonly Dictionary<ByteString, TarTypeFlag> _names = [];
    private readonly List<(ByteString Name, ByteString Target)> _openLinks = [];

    public bool IsFull { get; private set; }

    /// <summary>Whether the layer has hard links whose targets are not in the layer.</summary>
    public bool HasOpenLinks => _openLinks.Exists(link => !_names.ContainsKey(link.Target));

    public void Check(TarEntry entry)
    {
        var place = $"{where}, path {entry.RawName}";
        if (entry.TypeFlag == TarTypeFlag.GlobalExtendedHeader)
        {
            findings.Warn("layer-global-header", where, "has a global PAX header, which GNU tar obeys and container clients ignore");
            return;
        }

        var path = TarPath.Clean(entry.RawName);
        CheckName(entry, path, place);
        CheckWhiteout(entry, path, place);
        CheckType(entry, place);
        CheckNumbers(entry, place);
        CheckSize(entry, place);
        CheckAttributes(entry, place);
        CheckParents(path, place);
        if (entry.TypeFlag == TarTypeFlag.HardLink) CheckLink(entry, path, place);
        Remember(entry, path, place);
    }

    /// <summary>Checks rules that need all entries; call it after the last entry.</summary>
    public void Complete()
    {
        foreach (var (name, target) in _openLinks.Where(link => _names.ContainsKey(link.Target)))
        {
            findings.Warn(
                "layer-hard-link-order",
                $"{where}, path {name}",
                $"is a hard link to {target}, which this layer has only later: the link means the file of a lower layer, or clients refuse it");
        }
    }

    private void CheckName(TarEntry entry, ByteString path, string place)
    {
        var name = entry.RawName.Span;
        if (name.IsEmpty) findings.Error("layer-name", place, "has no name");
        if (name.StartsWith("/"u8)) findings.Warn("layer-name-absolute", place, "begins with a slash; names are relative to the root");
        if (EntryName.HasParentComponent(name)) findings.Error("layer-name", place, "has .. in it");
        if (path.Length > TreePath.MaximumLength) findings.Error("layer-name", place, $"is longer than {TreePath.MaximumLength} bytes");
        foreach (var range in TreePath.Components(path.Span))
        {
            if (range.End.Value - range.Start.Value > 255) findings.Error("layer-name", place, "has a component longer than 255 bytes");
        }

        if (path.IsEmpty && entry.TypeFlag != TarTypeFlag.Directory)
            findings.Error("layer-root", place, "has the name of the root, but is not a directory");
    }

    private void CheckWhiteout(TarEntry entry, ByteString path, string place)
    {
        foreach (var range in TreePath.Components(path.Span))
        {
            var name = path.Span[range];
            var kind = WhiteoutName.KindOf(name);
            var isLast = range.End.Value == path.Length;
            if (kind == NameKind.Ordinary) continue;
            if (kind == NameKind.AufsMetadata)
            {
                findings.Warn("layer-aufs", place, "is metadata of AUFS, which clients ignore");
                return;
            }

            if (kind == NameKind.Forbidden)
                findings.Error("layer-whiteout", place, "is a whiteout of nothing, of its own directory, or of the parent");
            else if (!isLast) findings.Error("layer-whiteout-directory", place, "is in a directory that is named like a whiteout");
            else if (entry.TypeFlag != TarTypeFlag.RegularFile || entry.Size > 0)
                findings.Warn("layer-whiteout-type", place, "is a whiteout, but not an empty regular file");
        }

        if (entry is { TypeFlag: TarTypeFlag.CharacterDevice, DevMajor: 0, DevMinor: 0 })
            findings.Warn("layer-overlay-whiteout", place, "is a character device 0:0, which overlayfs treats as a whiteout");
    }

    private void CheckType(TarEntry entry, string place)
    {
        switch (entry.TypeFlag)
        {
            case TarTypeFlag.GnuSparse:
                findings.Warn("layer-sparse", place, "is a sparse entry, which not all clients read");
                break;
            case TarTypeFlag.RegularFile or TarTypeFlag.ContiguousFile when entry.SparseExtents is not null:
                findings.Warn("layer-sparse", place, "is a sparse entry, which not all clients read");
                break;
            case TarTypeFlag.RegularFile or TarTypeFlag.HardLink or TarTypeFlag.Directory or TarTypeFlag.Fifo:
            case TarTypeFlag.CharacterDevice or TarTypeFlag.BlockDevice:
                break;
            case TarTypeFlag.SymbolicLink:
                if (entry.LinkName.IsEmpty) findings.Error("layer-link-target", place, "is a symbolic link without a target");
                if (entry.LinkName.Length > TreePath.MaximumLength)
                    findings.Error("layer-link-target", place, $"is a symbolic link with a target of more than {TreePath.MaximumLength} bytes");
                break;
            default:
                findings.Error("layer-type", place, $"has the type {(byte)entry.TypeFlag:x2}, which no entry of a layer can have");
                break;
        }
    }

    private void CheckNumbers(TarEntry entry, string place)
    {
        if (entry.Uid is < 0 or > uint.MaxValue || entry.Gid is < 0 or > uint.MaxValue)
            findings.Error("layer-owner", place, $"has the owner {entry.Uid}:{entry.Gid}, which Linux can't have");
        var isDevice = entry.TypeFlag is TarTypeFlag.CharacterDevice or TarTypeFlag.BlockDevice;
        if (isDevice && (entry.DevMajor is < 0 or > 0xFFF || entry.DevMinor is < 0 or > 0xFFFFF))
            findings.Error("layer-device", place, $"has the device number {entry.DevMajor}:{entry.DevMinor}, which Linux can't have");
    }

    // GNU tar skips as many bytes, and Go and Python skip none: the following bytes are different entries for each.
    private void CheckSize(TarEntry entry, string place)
    {
        var isWithoutContent = entry.TypeFlag is TarTypeFlag.SymbolicLink or TarTypeFlag.Directory or TarTypeFlag.Fifo
            or TarTypeFlag.CharacterDevice or TarTypeFlag.BlockDevice;
        if (isWithoutContent && entry.Size > 0)
            findings.Error("layer-entry-size", place, $"can have no content, but has the size {entry.Size}, which readers treat differently");
        else if (entry is { TypeFlag: TarTypeFlag.HardLink, Size: > 0 })
            findings.Warn("layer-entry-size", place, $"is a hard link with the size {entry.Size}, and some readers skip as many bytes");
    }

    private void CheckAttributes(TarEntry entry, string place)
    {
        if (!entry.TryReadAttributes(out var attributes))
            findings.Error("layer-attributes", place, "has an extended attribute that can't be decoded");
        else if (!ReferenceEquals(OverlayForm.Plain(attributes), attributes))
        {
            findings.Warn(
                "layer-overlay-attribute",
                place,
                "has an attribute of overlayfs: a client that unpacks it hides or redirects files of other layers");
        }
    }

    // GNU tar and docker refuse a path through a file; umoci and containerd replace the file.
    private void CheckParents(ByteString path, string place)
    {
        for (var parent = TreePath.Parent(path); !parent.IsEmpty && !_impliedParents.Contains(parent); parent = TreePath.Parent(parent))
        {
            if (!_names.TryGetValue(parent, out var type))
            {
                // Each implied parent is visited once: a deep path in every entry would cost the square of its depth.
                if (IsFull || !_budget.TryTakeImpliedDirectory(parent.Length)) return;
                _impliedParents.Add(parent);
                continue;
            }

            if (type is not (TarTypeFlag.Directory or TarTypeFlag.GnuDumpDirectory or TarTypeFlag.SymbolicLink))
                findings.Error("layer-parent", place, $"is below {parent}, which is not a directory");
            return;
        }
    }

    private void CheckLink(TarEntry entry, ByteString path, string place)
    {
        var target = TarPath.Clean(entry.LinkName);
        if (entry.LinkName.IsEmpty) findings.Error("layer-link-target", place, "is a hard link without a target");
        else if (target == path) findings.Error("layer-hard-link", place, "is a hard link to itself");
        else if (!_names.TryGetValue(target, out var type)) AddOpenLink(path, target);
        else if (type == TarTypeFlag.Directory) findings.Error("layer-hard-link", place, $"is a hard link to the directory {target}");
    }

    private void AddOpenLink(ByteString path, ByteString target)
    {
        if (!IsFull && _openLinks.Count < MaximumNames) _openLinks.Add((path, target));
    }

    private void Remember(TarEntry entry, ByteString path, string place)
    {
        if (IsFull) return;
        if (!_names.TryAdd(path, entry.TypeFlag)) findings.Error("layer-duplicate", place, "occurs a second time");
        IsFull = _names.Count == MaximumNames || !_budget.TryTake(path.Length);
        if (IsFull) findings.Warn("layer-size", where, $"has more than {_names.Count} entries: names and links of the others were not compared");
    }
}
