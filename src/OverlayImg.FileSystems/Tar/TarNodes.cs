namespace OverlayImg.FileSystems.Tar;

/// <summary>Makes nodes of an archive's entries, and refuses values that no file on Linux can have.</summary>
/// <param name="source">The file that has the archive.</param>
/// <param name="origin">Byte offset of the archive in the file.</param>
/// <param name="errors">Makes the errors of the archive.</param>
/// <param name="reading">
/// The budget for attributes, link targets and the maps of sparse files, and the numeric IDs for access control lists as text.
/// </param>
internal sealed class TarNodes(ByteSource source, long origin, TarErrors errors, TreeReading reading)
{
    private static readonly ByteString AclAccess = ByteString.FromText("system.posix_acl_access");
    private static readonly ByteString AclDefault = ByteString.FromText("system.posix_acl_default");

    private const long PermissionBits = 0xFFF; // 07777

    // The kernel's dev_t: 12 bits for the major number, 20 for the minor.
    private const long MaximumMajor = 0xFFF;
    private const long MaximumMinor = 0xFFFFF;

    // Nodes share equal sets of attributes, because a layer may have the same capability or label on every file.
    private const int MostSharedAttributes = 4096;
    private readonly HashSet<ExtendedAttributes> _sharedAttributes = [];
    private readonly PosixAclText? _acls = reading.Accounts is { } accounts ? new(accounts) : null;

    public Metadata MetadataOf(TarEntry entry) => new(
        (ushort)(entry.Mode & PermissionBits), Id(entry, entry.Uid, "uid"), Id(entry, entry.Gid, "gid"), entry.ModificationTime, AttributesOf(entry));

    /// <summary>Makes the node of an entry, except directories and hard links. Unknown types become regular files, as POSIX requires.</summary>
    public FileNode NodeOf(TarEntry entry)
    {
        var metadata = MetadataOf(entry);
        return entry.TypeFlag switch
        {
            TarTypeFlag.SymbolicLink => new SymbolicLinkNode(metadata, TargetOf(entry)),
            TarTypeFlag.CharacterDevice => new SpecialNode(metadata, FileType.CharacterDevice, Major(entry), Minor(entry)),
            TarTypeFlag.BlockDevice => new SpecialNode(metadata, FileType.BlockDevice, Major(entry), Minor(entry)),
            TarTypeFlag.Fifo => new SpecialNode(metadata, FileType.Fifo),
            TarTypeFlag.GnuMultiVolume =>
                throw errors.At(entry, "this entry is a part of a file that began on another volume", "Join the volumes of the archive first."),
            _ => new RegularFileNode(metadata, ContentOf(entry)),
        };
    }

    private FileContent ContentOf(TarEntry entry)
    {
        if (entry.Size == 0) return FileContent.Empty;
        if (entry.SparseExtents is null) return new SourceContent(source, origin + entry.DataOffset, entry.Size);
        Require(reading.Budget.TryTakeExtents(entry.SparseExtents.Count), entry);
        var extents = entry.SparseExtents.Select(extent => extent with { SourceOffset = origin + extent.SourceOffset });
        return new SparseContent(source, entry.Size, [.. extents]);
    }

    private ByteString TargetOf(TarEntry entry)
    {
        if (entry.LinkName.IsEmpty) throw errors.At(entry, "a symbolic link has no target");
        if (entry.LinkName.Length > TreePath.MaximumLength)
            throw errors.At(entry, $"the target of a symbolic link is longer than {TreePath.MaximumLength} bytes");
        Require(reading.Budget.TryTake(entry.LinkName.Length), entry);
        return entry.LinkName;
    }

    private ExtendedAttributes AttributesOf(TarEntry entry)
    {
        if (entry.PaxRecords.All.Count == 0) return ExtendedAttributes.None;
        var attributes = PaxAttributes.TryRead(entry.PaxRecords)
            ?? throw errors.At(entry, "the PAX records have an extended attribute that can't be decoded");
        attributes = WithAcls(entry, attributes);
        if (attributes.Count == 0) return attributes;
        if (_sharedAttributes.TryGetValue(attributes, out var shared)) return shared;
        foreach (var (name, value) in attributes) Require(reading.Budget.TryTake(name.Length + value.Length), entry);
        if (_sharedAttributes.Count < MostSharedAttributes) _sharedAttributes.Add(attributes);
        return attributes;
    }

    // Where the archive has a list both as attribute and as text, the attribute counts, because it has numeric IDs.
    private ExtendedAttributes WithAcls(TarEntry entry, ExtendedAttributes attributes)
    {
        if (_acls is null) return attributes;
        try
        {
            var access = attributes.Find(AclAccess.Span) is null ? entry.PaxRecords.Find(PaxKeys.SchilyAclAccess) : null;
            var inherited = attributes.Find(AclDefault.Span) is null ? entry.PaxRecords.Find(PaxKeys.SchilyAclDefault) : null;
            if (access is not null && _acls.Access(access.Value.Span) is { } list) attributes = attributes.With(AclAccess, list);
            if (inherited is not null && _acls.Default(inherited.Value.Span) is { } defaults) attributes = attributes.With(AclDefault, defaults);
            return attributes;
        }
        catch (FormatException exception)
        {
            const string Advice = "Write the archive with tar --xattrs --xattrs-include='*', which stores the lists with numeric IDs.";
            throw errors.At(entry, exception.Message, Advice);
        }
    }

    private void Require(bool isTaken, TarEntry entry)
    {
        if (!isTaken) throw errors.At(entry, TreeBudget.Excess);
    }

    private uint Id(TarEntry entry, long value, string field) =>
        value is >= 0 and <= uint.MaxValue ? (uint)value : throw errors.At(entry, $"the {field} {value} is out of Linux's range");

    private uint Major(TarEntry entry) => Device(entry, entry.DevMajor, MaximumMajor, "major");

    private uint Minor(TarEntry entry) => Device(entry, entry.DevMinor, MaximumMinor, "minor");

    private uint Device(TarEntry entry, long value, long maximum, string part) =>
        value >= 0 && value <= maximum ? (uint)value : throw errors.At(entry, $"the {part} device number {value} is out of Linux's range");
}
