using OverlayImg.FileSystems;

namespace OverlayImg.Images.Overlay;

/// <summary>What a name means in a layer's tar (image-spec, layer.md "Whiteouts"; AUFS, where the names come from).</summary>
internal enum NameKind
{
    /// <summary>A file of the layer.</summary>
    Ordinary,

    /// <summary><c>.wh.NAME</c>: lower layers' NAME is gone.</summary>
    Whiteout,

    /// <summary><c>.wh..wh..opq</c>: all that lower layers have in this directory is gone.</summary>
    OpaqueMarker,

    /// <summary>Any other <c>.wh..wh.*</c>: what AUFS kept for itself, such as the directory of hard links <c>.wh..wh.plnk</c>.</summary>
    AufsMetadata,

    /// <summary><c>.wh.</c>, <c>.wh..</c> and <c>.wh...</c>, which would delete nothing, the directory itself, or its parent.</summary>
    Forbidden,
}

/// <summary>The names <c>.wh.*</c>.</summary>
internal static class WhiteoutName
{
    private static readonly ByteString OpaqueMarker = ByteString.FromText(".wh..wh..opq");

    /// <summary>What every such name starts with.</summary>
    public static ReadOnlySpan<byte> Prefix => ".wh."u8;

    /// <summary>What <paramref name="name"/> means, whatever the entry's type: whiteouts came as hard links and as directories, too.</summary>
    public static NameKind KindOf(ReadOnlySpan<byte> name)
    {
        if (!name.StartsWith(Prefix)) return NameKind.Ordinary;
        var target = name[Prefix.Length..];
        if (target.SequenceEqual(".wh..opq"u8)) return NameKind.OpaqueMarker;
        if (target.StartsWith(Prefix)) return NameKind.AufsMetadata;
        return DirectoryNode.IsValidName(target) ? NameKind.Whiteout : NameKind.Forbidden;
    }

    /// <summary>Whether a directory of a layer's tar, as far as it has been read, hides the lower file <paramref name="name"/>.</summary>
    public static bool Hides(DirectoryNode directory, ByteString name) => directory.Find(OpaqueMarker) is not null || directory.Find(Of(name)) is not null;

    /// <summary>The name that the whiteout <paramref name="name"/> deletes.</summary>
    public static ByteString TargetOf(ByteString name) => new(name.Span[Prefix.Length..]);

    /// <summary>The name of the whiteout that deletes <paramref name="target"/>.</summary>
    public static ByteString Of(ByteString target) => new([.. Prefix, .. target.Span]);
}
