using OverlayImg.FileSystems;

namespace OverlayImg.Images.Overlay;

/// <summary>
/// The form of a layer that overlayfs reads, and that all layers have in memory: a whiteout is a character device 0:0,
/// and an opaque directory has <c>trusted.overlay.opaque=y</c> (Linux, Documentation/filesystems/overlayfs.rst). The
/// names <c>.wh.*</c> are used only in tars.
/// </summary>
public static class OverlayForm
{
    private static readonly ByteString OpaqueName = ByteString.FromText("trusted.overlay.opaque");
    private static readonly ByteString Yes = ByteString.FromText("y");

    /// <summary>Whether overlayfs treats the node as a whiteout. Other device numbers than 0:0 are real devices.</summary>
    public static bool IsWhiteout(FileNode node) => node is SpecialNode { Type: FileType.CharacterDevice, Major: 0, Minor: 0 };

    /// <summary>Whether the directory hides its lower entries. The attribute's value <c>x</c> does not mean opaque.</summary>
    public static bool IsOpaque(DirectoryNode directory) => directory.ExtendedAttributes.Find(OpaqueName.Span) == Yes;

    /// <summary>Makes a whiteout as the kernel does: owned by root, without permissions.</summary>
    internal static SpecialNode NewWhiteout() => new(new(0, 0, 0, default, ExtendedAttributes.None), FileType.CharacterDevice);

    internal static Metadata Opaque(Metadata metadata) => metadata with { ExtendedAttributes = metadata.ExtendedAttributes.With(OpaqueName, Yes) };

    /// <summary>The text of a warning about removed attributes, which follows the file's path.</summary>
    public const string LeftOut =
        "overlayfs's own attributes (trusted.overlay.*, user.overlay.*) are left out: they would hide or redirect files of other layers";

    /// <summary>Returns the metadata without the attributes of overlayfs.</summary>
    public static Metadata Plain(Metadata metadata) => metadata with { ExtendedAttributes = Plain(metadata.ExtendedAttributes) };

    /// <summary>
    /// Returns the attributes without those of overlayfs. <c>user.overlay.*</c> is removed, too: an overlay mounted
    /// with <c>userxattr</c> obeys it, so that an image could redirect its directories anywhere in lower layers.
    /// </summary>
    public static ExtendedAttributes Plain(ExtendedAttributes attributes) =>
        attributes.Count == 0 ? attributes : attributes.Where(attribute => !IsOverlayName(attribute.Name.Span));

    private static bool IsOverlayName(ReadOnlySpan<byte> name) => name.StartsWith("trusted.overlay."u8) || name.StartsWith("user.overlay."u8);
}
