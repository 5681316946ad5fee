namespace OverlayImg.FileSystems.Ext4.Format;

/// <summary>The name of an extended attribute as ext4 keeps it: a number for the namespace, and the rest of the name.</summary>
/// <param name="Index"><c>e_name_index</c>.</param>
/// <param name="Suffix">The name without the namespace's prefix.</param>
internal readonly record struct XattrName(byte Index, ReadOnlyMemory<byte> Suffix)
{
    /// <summary><c>EXT4_XATTR_INDEX_POSIX_ACL_ACCESS</c>.</summary>
    public const byte AclAccess = 2;

    /// <summary><c>EXT4_XATTR_INDEX_POSIX_ACL_DEFAULT</c>.</summary>
    public const byte AclDefault = 3;

    // The longer prefix of two that fit stands first. Names of no namespace at all (an image made on another system can have such) have
    // number 0: they survive on the disk, though no Linux shows them.
    private static readonly (byte Index, byte[] Prefix, bool IsWholeName)[] Namespaces =
    [
        (AclAccess, [.. "system.posix_acl_access"u8], true),
        (AclDefault, [.. "system.posix_acl_default"u8], true),
        (8, [.. "system.richacl"u8], true),
        (1, [.. "user."u8], false),
        (4, [.. "trusted."u8], false),
        (6, [.. "security."u8], false),
        (7, [.. "system."u8], false),
        (10, [.. "gnu."u8], false),
    ];

    /// <summary>Whether the value is an access control list, which the disk has in another form than the system call.</summary>
    public bool IsAcl => Index is AclAccess or AclDefault;

    /// <summary>Takes a full name apart.</summary>
    public static XattrName Of(ByteString fullName)
    {
        foreach (var (index, prefix, isWholeName) in Namespaces)
        {
            var matches = isWholeName ? fullName.Span.SequenceEqual(prefix) : fullName.Span.StartsWith(prefix);
            if (matches) return new(index, fullName.Memory[prefix.Length..]);
        }

        return new(0, fullName.Memory);
    }

    /// <summary>The full name, or null where the parts are not what <see cref="Of"/> makes of any name.</summary>
    public static ByteString? Join(byte index, ReadOnlySpan<byte> suffix)
    {
        var known = Array.Find(Namespaces, candidate => candidate.Index == index);
        if (index != 0 && known.Prefix is null) return null;
        var fullName = new ByteString([.. known.Prefix ?? [], .. suffix]);
        return Of(fullName).Index == index && !fullName.IsEmpty && !suffix.Contains((byte)0) ? fullName : null;
    }
}
