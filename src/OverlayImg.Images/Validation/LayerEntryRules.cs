using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Overlay;

namespace OverlayImg.Images.Validation;

/// <summary>Rules of the entries of a layer's tar (image-spec, layer.md).</summary>
internal sealed class LayerEntryRules(string where, Findings findings)
{
    /// <summary>So many names are remembered, a hundred megabytes of them; hardly any layer has more.</summary>
    private const int MaximumNames = 1 << 20;

    private readonly TreeBudget _budget = new();
    private readonly HashSet<ByteString> _impliedParents = [];
    private readonly Dictionary<ByteString, TarTypeFlag> _names = [];
    private readonly List<(ByteString Name, ByteString Target)> _openLinks = [];

    /// <summary>Whether the layer has more entries than are remembered.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Whether the layer has hard links to what no earlier entry of it is.</summary>
    public bool HasOpenLinks => _openLinks.Exists(link => !_names.ContainsKey(link.Target));

    /// <summary>Looks at an entry.</summary>
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

    /// <summary>To be called behind the last entry.</summary>
    public void Complete()
    {
        foreach (var (name, target) in _openLinks.Where(link => _names.ContainsKey(link.Target)))
            findings.Warn("layer-hard-link-order", $"{where}, path {name}", $"is a hard link to {target}, which this layer has only later: it names the file of a lower layer, or clients refuse it");
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

        if (path.IsEmpty && entry.TypeFlag != TarTypeFlag.Directory) findings.Error("layer-root", place, "stands for the root, but is no directory");
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
                findings.Warn("layer-aufs", place, "is AUFS's own; clients pass it over");
                return;
            }

            if (kind == NameKind.Forbidden)
                findings.Error("layer-whiteout", place, "is a whiteout of nothing, of its own directory, or of the parent");
            else if (!isLast) findings.Error("layer-whiteout-directory", place, "lies in a directory that is named like a whiteout");
            else if (entry.TypeFlag != TarTypeFlag.RegularFile || entry.Size > 0)
                findings.Warn("layer-whiteout-type", place, "is a whiteout, but not an empty regular file");
        }

        if (entry is { TypeFlag: TarTypeFlag.CharacterDevice, DevMajor: 0, DevMinor: 0 })
            findings.Warn("layer-overlay-whiteout", place, "is a character device 0:0, which overlayfs takes for a whiteout");
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
                findings.Error("layer-type", place, $"has the type {(byte)entry.TypeFlag:x2}, which no layer's entry can have");
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

    // GNU tar passes over as many bytes, Go and Python over none: what follows means different entries to them.
    private void CheckSize(TarEntry entry, string place)
    {
        var isWithoutContent = entry.TypeFlag is TarTypeFlag.SymbolicLink or TarTypeFlag.Directory or TarTypeFlag.Fifo
            or TarTypeFlag.CharacterDevice or TarTypeFlag.BlockDevice;
        if (isWithoutContent && entry.Size > 0) findings.Error("layer-entry-size", place, $"can have no content, but claims {entry.Size} bytes: readers differ about it");
        else if (entry is { TypeFlag: TarTypeFlag.HardLink, Size: > 0 })
            findings.Warn("layer-entry-size", place, $"is a hard link that claims {entry.Size} bytes, which some readers pass over");
    }

    private void CheckAttributes(TarEntry entry, string place)
    {
        if (!entry.TryReadAttributes(out var attributes)) findings.Error("layer-attributes", place, "has an extended attribute that can't be decoded");
        else if (!ReferenceEquals(OverlayForm.Plain(attributes), attributes))
            findings.Warn("layer-overlay-attribute", place, "has an attribute of overlayfs itself: a client that unpacks it hides or redirects files of other layers");
    }

    // GNU tar and docker refuse a path through a file, umoci and containerd replace the file.
    private void CheckParents(ByteString path, string place)
    {
        for (var parent = TreePath.Parent(path); !parent.IsEmpty && !_impliedParents.Contains(parent); parent = TreePath.Parent(parent))
        {
            if (!_names.TryGetValue(parent, out var type))
            {
                // Each is climbed over once: a deep path in every entry would cost the square of its depth.
                if (IsFull || !_budget.TryTakeImpliedDirectory(parent.Length)) return;
                _impliedParents.Add(parent);
                continue;
            }

            if (type is not (TarTypeFlag.Directory or TarTypeFlag.GnuDumpDirectory or TarTypeFlag.SymbolicLink))
                findings.Error("layer-parent", place, $"lies below {parent}, which is no directory");
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
        if (!_names.TryAdd(path, entry.TypeFlag)) findings.Error("layer-duplicate", place, "stands there a second time");
        IsFull = _names.Count == MaximumNames || !_budget.TryTake(path.Length);
        if (IsFull) findings.Warn("layer-size", where, $"has more than {_names.Count} entries: names and links of the others were not compared");
    }
}
