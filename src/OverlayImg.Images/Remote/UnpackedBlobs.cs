using OverlayImg.Caching;
using OverlayImg.Images.Digests;

namespace OverlayImg.Images.Remote;

/// <summary>
/// A persistent record of the diff IDs of blobs that were decompressed before. A record never becomes out of date,
/// because the same blob always decompresses to the same bytes.
/// </summary>
internal sealed class UnpackedBlobs(Cache cache)
{
    /// <summary>Whether the blob is known to have the diff ID.</summary>
    public bool Has(Digest blob, Digest diffId) => blob == diffId || Of(blob).Recall() == diffId.ToString();

    /// <summary>Records the verified diff ID of a blob. An uncompressed blob needs no record.</summary>
    public void Add(Digest blob, Digest diffId)
    {
        if (blob != diffId) Of(blob).Remember(diffId.ToString());
    }

    private FileMemory Of(Digest blob) => FileMemory.OfBlob(cache, "diff ID of a blob", blob.ToString());
}
