namespace OverlayImg.FileSystems.Ext4.Format;

/// <summary>The name of an extended attribute in ext4's form: a number for the namespace, and the rest of the name.</summary>
/// <param name="Index"><c>e_name_index</c>: number of the namespace; 0 for none.</param>
/// <param name="Suffix">The name without the namespace's prefix.</param>
internal readonly record struct XattrName(byte Index, ReadOnlyMemory<byte> Suffix)
{
    /// <summary>The namespace number <c>EXT4_XATTR_INDEX_POSIX_ACL_ACCESS</c>.</summary>
    public const byte AclAccess = 2;

    /// <summary>The namespace number <c>EXT4_XATTR_INDEX_POSIX_ACL_DEFAULT</c>.</summary>
    public const byte AclDefault = 3;

    // Of two prefixes that match a name, the longer one comes first. Names without a namespace, which images from other systems can have, get
    // number 0: the disk keeps them, but Linux does not show them.
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

    /// <summary>Whether the value is an access control list, which has another form on the disk than in the system call.</summary>
    public bool IsAcl => Index is AclAccess or AclDefault;

    /// <summary>Splits a full name into namespace and suffix.</summary>
    public static XattrName Of(ByteString fullName)
    {
        foreach (var (index, prefix, isWholeName) in Namespaces)
        {
            var matches = isWholeName ? fullName.Span.SequenceEqual(prefix) : fullName.Span.StartsWith(prefix);
            if (matches) return new(index, fullName.Memory[prefix.Length..]);
        }

        return new(0, fullName.Memory);
    }

    /// <summary>Joins the parts to the full name. Returns null for parts that <see cref="Of"/> never makes.</summary>
    public static ByteString? Join(byte index, ReadOnlySpan<byte> suffix)
    {
        var known = Array.Find(Namespaces, candidate => candidate.Index == index);
        if (index != 0 && known.Prefix is null) return null;
        var fullName = new ByteString([.. known.Prefix ?? [], .. suffix]);
        return Of(fullName).Index == index && !fullName.IsEmpty && !suffix.Contains((byte)0) ? fullName : null;
    }
}
