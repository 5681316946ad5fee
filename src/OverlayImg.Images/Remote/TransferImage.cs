using OverlayImg.FileSystems;

namespace OverlayImg.Images.Remote;

/// <summary>An image that can be had.</summary>
/// <param name="Manifest">Its manifest; null where it comes without one.</param>
/// <param name="Config">Its config, byte for byte.</param>
/// <param name="Layers">Its layers, bottom first; an artifact's parts.</param>
internal sealed record TransferImage(ImageManifest? Manifest, ReadOnlyMemory<byte> Config, IReadOnlyList<TransferLayer> Layers);

/// <summary>A layer of it, not fetched yet.</summary>
/// <param name="Blob">What is known of its bytes; null where their digest must be found out.</param>
/// <param name="Length">Number of bytes.</param>
/// <param name="Compression">How it is compressed, as far as is known; null for what is no layer of files, and stays as it is.</param>
/// <param name="FetchAsync">Gets it, and verifies all that is said of it: the digest of its bytes, and the diff ID of what they unpack to. Tells the meter of the length.</param>
internal sealed record TransferLayer(
    Descriptor? Blob, long Length, CompressionFormat? Compression, Func<IProgress<int>, CancellationToken, Task<FetchedLayer>> FetchAsync)
{
    /// <summary>Whether its bytes are known to unpack to what the config says: where they are, they need not be fetched to find out.</summary>
    public Func<bool> IsKnown { get; init; } = () => false;

    /// <summary>Whether the source lacks it because it may not be passed on: its document names URLs to get it from.</summary>
    public bool IsElsewhere { get; init; }
}

/// <summary>A layer that was fetched and verified.</summary>
/// <param name="Digest">Of its bytes.</param>
/// <param name="Content">Its bytes; readable as long as the session.</param>
internal sealed record FetchedLayer(Digest Digest, FileContent Content);
