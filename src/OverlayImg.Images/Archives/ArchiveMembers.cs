using OverlayImg.Images.Digests;

namespace OverlayImg.Images.Archives;

/// <summary>The member names of blobs in an archive or a layout.</summary>
internal static class ArchiveMembers
{
    public const string Blobs = "blobs/sha256/";

    /// <summary>Returns the member name of a blob.</summary>
    public static string NameOf(Digest digest) => Blobs + digest.Hex;
}
