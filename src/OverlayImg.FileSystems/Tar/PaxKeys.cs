namespace OverlayImg.FileSystems.Tar;

/// <summary>Keywords of the PAX records that readers and writers use.</summary>
internal static class PaxKeys
{
    public static ReadOnlySpan<byte> Path => "path"u8;

    public static ReadOnlySpan<byte> LinkPath => "linkpath"u8;

    public static ReadOnlySpan<byte> Size => "size"u8;

    public static ReadOnlySpan<byte> Uid => "uid"u8;

    public static ReadOnlySpan<byte> Gid => "gid"u8;

    public static ReadOnlySpan<byte> Uname => "uname"u8;

    public static ReadOnlySpan<byte> Gname => "gname"u8;

    public static ReadOnlySpan<byte> Mtime => "mtime"u8;

    /// <summary>Prefix of an extended attribute with its raw value (star, GNU tar, Go, Python).</summary>
    public static ReadOnlySpan<byte> SchilyXattr => "SCHILY.xattr."u8;

    /// <summary>Prefix of an extended attribute with a URL-encoded name and a base64 value (libarchive).</summary>
    public static ReadOnlySpan<byte> LibarchiveXattr => "LIBARCHIVE.xattr."u8;

    /// <summary>An access control list as text (star, GNU tar).</summary>
    public static ReadOnlySpan<byte> SchilyAclAccess => "SCHILY.acl.access"u8;

    /// <summary>The default access control list of a directory as text (star, GNU tar).</summary>
    public static ReadOnlySpan<byte> SchilyAclDefault => "SCHILY.acl.default"u8;

    public static ReadOnlySpan<byte> GnuSparseMajor => "GNU.sparse.major"u8;

    public static ReadOnlySpan<byte> GnuSparseMinor => "GNU.sparse.minor"u8;

    public static ReadOnlySpan<byte> GnuSparseName => "GNU.sparse.name"u8;

    public static ReadOnlySpan<byte> GnuSparseSize => "GNU.sparse.size"u8;

    public static ReadOnlySpan<byte> GnuSparseRealSize => "GNU.sparse.realsize"u8;

    public static ReadOnlySpan<byte> GnuSparseNumBlocks => "GNU.sparse.numblocks"u8;

    public static ReadOnlySpan<byte> GnuSparseMap => "GNU.sparse.map"u8;

    public static ReadOnlySpan<byte> GnuSparseOffset => "GNU.sparse.offset"u8;

    public static ReadOnlySpan<byte> GnuSparseNumBytes => "GNU.sparse.numbytes"u8;
}
