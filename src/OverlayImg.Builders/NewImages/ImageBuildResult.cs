using OverlayImg.Builders.LayerDirectories;
using OverlayImg.Closures.Layering;
using OverlayImg.Images;
using OverlayImg.Images.Archives.Writing;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Outputs;
using OverlayImg.Images.References;
using OverlayImg.Images.Sessions;
using OverlayImg.Images.Transfers;
using OverlayImg.Layers.Guests;

namespace OverlayImg.Builders.NewImages;

/// <summary>An image that was built.</summary>
public sealed record ImageBuildResult : IScriptedResult
{
    /// <summary>Its name and tag.</summary>
    public required ImageReference Reference { get; init; }

    /// <summary>Digest of the config.</summary>
    public required Digest ImageId { get; init; }

    /// <summary>The form of the archive.</summary>
    public required ArchiveFormat Format { get; init; }

    /// <summary>The archive.</summary>
    public required WrittenFile File { get; init; }

    /// <summary>The layers, bottom first; the base image's come first.</summary>
    public required IReadOnlyList<BuiltLayer> Layers { get; init; }

    /// <summary>Digest of the manifest; null in a form that has none.</summary>
    public Digest? ManifestDigest { get; init; }

    /// <summary>TarSum of the new layer without its store paths, as dockerTools sums it; null where the archive has none.</summary>
    public string? Checksum { get; init; }

    /// <summary>Name of the base image, or null.</summary>
    public string? BaseImage { get; init; }

    /// <summary>The run in the guest; null without one.</summary>
    public GuestRun? Run { get; init; }

    /// <summary>What took how long, in order.</summary>
    public required IReadOnlyList<PhaseTime> Phases { get; init; }
}

/// <summary>A layer of an image that was built.</summary>
/// <param name="DiffId">Digest of its uncompressed tar.</param>
/// <param name="Digest">Digest of its bytes in the archive.</param>
/// <param name="Size">Number of bytes in the archive.</param>
/// <param name="Explanation">What is in it and why, where that is to be told.</param>
public sealed record BuiltLayer(Digest DiffId, Digest Digest, long Size, LayerExplanation? Explanation = null)
{
    /// <summary>The layers of an image as they were written: an output may have compressed them.</summary>
    internal static IEnumerable<BuiltLayer> Of(Image image, WrittenImages written) => written.Manifests is [var manifest]
        ? manifest.Layers.Zip(image.Layers, (blob, layer) => new BuiltLayer(layer.DiffId, blob.Digest, blob.Size))
        : image.Layers.Select(layer => new BuiltLayer(layer.DiffId, layer.BlobDigest!, layer.StoredLength));
}
