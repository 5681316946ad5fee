using System.Security.Cryptography;
using OverlayImg.FileSystems;

namespace OverlayImg.Images;

/// <summary>The bytes of a layer as they go into an archive.</summary>
/// <param name="DiffId">Digest of the uncompressed tar.</param>
/// <param name="Digest">Digest of the bytes themselves; the diff ID where they are not compressed.</param>
/// <param name="Compression">How they are compressed.</param>
/// <param name="Content">The bytes; readable until the archive is written.</param>
public sealed record LayerBlob(Digest DiffId, Digest Digest, CompressionFormat Compression, FileContent Content)
{
    /// <summary>
    /// A base image's layer, byte for byte as its archive stores it. A digest that the archive tells is believed: what is written may be kept only
    /// when <see cref="LayerContent.VerifyAsync(CancellationToken)"/> has found it true.
    /// </summary>
    /// <remarks>Reads the layer only where it is compressed and no manifest tells its digest.</remarks>
    public static async Task<LayerBlob> OfAsync(Layer layer, CancellationToken cancellationToken) =>
        new(layer.DiffId, await DigestOfAsync(layer, cancellationToken), layer.Compression, layer.StoredContent);

    /// <summary>
    /// A new layer, hashed now and read again when the archive is written: a tar that is made as it is read needs no copy.
    /// </summary>
    /// <param name="tar">The layer's tar.</param>
    /// <param name="what">What messages call it; null for a tar that notices itself when it is not the same any more. Others are hashed again as they
    /// are written, and end the writing where they differ.</param>
    /// <param name="hashed">Is told of the bytes.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="InputException">A file of it changed.</exception>
    public static LayerBlob OfTar(FileContent tar, string? what, IProgress<int>? hashed, CancellationToken cancellationToken)
    {
        using var hashing = new HashingStream(new FileContentStream(tar), hashed);
        hashing.Drain(cancellationToken);
        var digest = hashing.Digest();
        return new(digest, digest, CompressionFormat.None, what is null ? tar : new UnchangedContent(tar, digest, new(what)));
    }

    private static async Task<Digest> DigestOfAsync(Layer layer, CancellationToken cancellationToken)
    {
        if (layer.Compression == CompressionFormat.None) return layer.DiffId;
        if (layer.BlobDigest is { } known) return known;
        await using var stored = layer.OpenStored();
        return Digest.FromHash(await SHA256.HashDataAsync(stored, cancellationToken));
    }
}
