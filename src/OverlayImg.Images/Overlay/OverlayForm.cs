using OverlayImg.FileSystems;

namespace OverlayImg.Images.Overlay;

/// <summary>
/// How a layer looks to the kernel's overlayfs, which is also how every layer looks in memory: a whiteout is a character device 0:0, an
/// opaque directory has <c>trusted.overlay.opaque=y</c> (Documentation/filesystems/overlayfs.rst). The names <c>.wh.*</c> exist in tars only.
/// </summary>
public static class OverlayForm
{
    private static readonly ByteString OpaqueName = ByteString.FromText("trusted.overlay.opaque");
    private static readonly ByteString Yes = ByteString.FromText("y");

    /// <summary>Whether overlayfs takes <paramref name="node"/> for a whiteout. Device numbers other than 0:0 are real devices.</summary>
    public static bool IsWhiteout(FileNode node) => node is SpecialNode { Type: FileType.CharacterDevice, Major: 0, Minor: 0 };

    /// <summary>Whether <paramref name="directory"/> hides what lower layers have in it. (The value <c>x</c> says something else.)</summary>
    public static bool IsOpaque(DirectoryNode directory) => directory.ExtendedAttributes.Find(OpaqueName.Span) == Yes;

    /// <summary>A whiteout as the kernel makes them: no permissions, root's.</summary>
    internal static SpecialNode NewWhiteout() => new(new(0, 0, 0, default, ExtendedAttributes.None), FileType.CharacterDevice);

    /// <summary>The metadata of a directory, made opaque.</summary>
    internal static Metadata Opaque(Metadata metadata) => metadata with { ExtendedAttributes = metadata.ExtendedAttributes.With(OpaqueName, Yes) };

    /// <summary>Tells the user that a file lost attributes; the file's path stands before it.</summary>
    public const string LeftOut =
        "overlayfs's own attributes (trusted.overlay.*, user.overlay.*) are left out: they would hide or redirect files of other layers";

    /// <summary>The metadata without what overlayfs keeps for itself.</summary>
    public static Metadata Plain(Metadata metadata) => metadata with { ExtendedAttributes = Plain(metadata.ExtendedAttributes) };

    /// <summary>
    /// The attributes without overlayfs's own, of both families: <c>user.overlay.*</c> too, because an overlay mounted with <c>userxattr</c> obeys
    /// them. An image that carries some could otherwise redirect its directories anywhere into lower layers.
    /// </summary>
    public static ExtendedAttributes Plain(ExtendedAttributes attributes) =>
        attributes.Count == 0 ? attributes : attributes.Where(attribute => !IsOverlayName(attribute.Name.Span));

    private static bool IsOverlayName(ReadOnlySpan<byte> name) => name.StartsWith("trusted.overlay."u8) || name.StartsWith("user.overlay."u8);
}
