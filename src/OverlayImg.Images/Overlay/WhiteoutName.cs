using OverlayImg.FileSystems;

namespace OverlayImg.Images.Overlay;

/// <summary>The meaning of a name in a layer's tar (OCI Image Specification, layer, "Whiteouts"; AUFS).</summary>
internal enum NameKind
{
    /// <summary>An entry of the layer.</summary>
    Ordinary,

    /// <summary><c>.wh.NAME</c>: deletes NAME of lower layers.</summary>
    Whiteout,

    /// <summary><c>.wh..wh..opq</c>: deletes all entries that lower layers have in the directory.</summary>
    OpaqueMarker,

    /// <summary>Any other <c>.wh..wh.*</c>: metadata of AUFS, such as <c>.wh..wh.plnk</c>, the directory of hard links.</summary>
    AufsMetadata,

    /// <summary><c>.wh.</c>, <c>.wh..</c> and <c>.wh...</c>: delete nothing, the directory itself, or its parent.</summary>
    Forbidden,
}

/// <summary>Parses and makes the names <c>.wh.*</c> of whiteouts.</summary>
internal static class WhiteoutName
{
    private static readonly ByteString OpaqueMarker = ByteString.FromText(".wh..wh..opq");

    public static ReadOnlySpan<byte> Prefix => ".wh."u8;

    /// <summary>Returns the meaning of a name for an entry of any type: hard links and directories can be whiteouts, too.</summary>
    public static NameKind KindOf(ReadOnlySpan<byte> name)
    {
        if (!name.StartsWith(Prefix)) return NameKind.Ordinary;
        var target = name[Prefix.Length..];
        if (target.SequenceEqual(".wh..opq"u8)) return NameKind.OpaqueMarker;
        if (target.StartsWith(Prefix)) return NameKind.AufsMetadata;
        return DirectoryNode.IsValidName(target) ? NameKind.Whiteout : NameKind.Forbidden;
    }

    /// <summary>Whether the entries read so far of a tar's directory hide the lower file <paramref name="name"/>.</summary>
    public static bool Hides(DirectoryNode directory, ByteString name) =>
        directory.Find(OpaqueMarker) is not null || directory.Find(Of(name)) is not null;

    /// <summary>Returns the name that the whiteout <paramref name="name"/> deletes.</summary>
    public static ByteString TargetOf(ByteString name) => new(name.Span[Prefix.Length..]);

    /// <summary>Returns the name of the whiteout that deletes <paramref name="target"/>.</summary>
    public static ByteString Of(ByteString target) => new([.. Prefix, .. target.Span]);
}
