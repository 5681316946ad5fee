using OverlayImg.Caching;
using OverlayImg.Images.Digests;

namespace OverlayImg.Images.Remote;

/// <summary>
/// Which blobs were unpacked before, and what diff ID that gave: the same bytes always unpack to the same, so this stays true whatever becomes of the files.
/// </summary>
internal sealed class UnpackedBlobs(Cache cache)
{
    /// <summary>Whether the blob is known to unpack to a layer of the diff ID.</summary>
    public bool Has(Digest blob, Digest diffId) => blob == diffId || Of(blob).Recall() == diffId.ToString();

    /// <summary>Remembers what was found out.</summary>
    public void Add(Digest blob, Digest diffId)
    {
        if (blob != diffId) Of(blob).Remember(diffId.ToString());
    }

    private FileMemory Of(Digest blob) => FileMemory.OfBlob(cache, "diff ID of a blob", blob.ToString());
}
