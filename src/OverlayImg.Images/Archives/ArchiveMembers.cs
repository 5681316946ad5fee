using OverlayImg.Images.Digests;

namespace OverlayImg.Images.Archives;

/// <summary>The names that the blobs of images have in an archive or a layout.</summary>
internal static class ArchiveMembers
{
    public const string Blobs = "blobs/sha256/";

    /// <summary>The name under which the archive has a blob.</summary>
    public static string NameOf(Digest digest) => Blobs + digest.Hex;
}
