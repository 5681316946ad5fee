using OverlayImg.Builders.LayerDirectories;
using OverlayImg.Closures.Layering;
using OverlayImg.Images;
using OverlayImg.Images.Archives.Writing;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Outputs;
using OverlayImg.Images.Overlay;
using OverlayImg.Images.References;
using OverlayImg.Images.Sessions;
using OverlayImg.Images.Transfers;
using OverlayImg.Layers.Guests;

namespace OverlayImg.Builders.NewImages;

/// <summary>The result of an image build.</summary>
public sealed record ImageBuildResult : IScriptedResult
{
    /// <summary>Name and tag of the image.</summary>
    public required ImageReference Reference { get; init; }

    /// <summary>The image ID, which is the digest of the config.</summary>
    public required Digest ImageId { get; init; }

    /// <summary>The format of the archive.</summary>
    public required ArchiveFormat Format { get; init; }

    /// <summary>The output that was asked for.</summary>
    public required ImageOutput Output { get; init; }

    /// <summary>The written archive, layout or image.</summary>
    public required WrittenFile File { get; init; }

    /// <summary>The layers, bottom first, beginning with those of the base image.</summary>
    public required IReadOnlyList<BuiltLayer> Layers { get; init; }

    /// <summary>Digest of the manifest; null for a format without manifest.</summary>
    public Digest? ManifestDigest { get; init; }

    /// <summary>TarSum of the new layer without its store paths, in dockerTools' format; null for other formats.</summary>
    public string? Checksum { get; init; }

    /// <summary>What the new layer changes in the base image; null if the verb makes several layers.</summary>
    public LayerChanges? Changes { get; init; }

    /// <summary>Name of the base image; null without a base image.</summary>
    public string? BaseImage { get; init; }

    /// <summary>The run of the guest; null if no guest ran.</summary>
    public GuestRun? Run { get; init; }

    /// <summary>The durations of the phases, in their order.</summary>
    public required IReadOnlyList<PhaseTime> Phases { get; init; }
}

/// <summary>A layer of a built image.</summary>
/// <param name="DiffId">Digest of the layer's uncompressed tar.</param>
/// <param name="Digest">Digest of the stored bytes.</param>
/// <param name="Size">Number of stored bytes.</param>
/// <param name="Explanation">The contents of the layer and the reason for them; null if they are not wanted.</param>
public sealed record BuiltLayer(Digest DiffId, Digest Digest, long Size, LayerExplanation? Explanation = null)
{
    /// <summary>The layers of an image with their stored digests and sizes. An output may have compressed the layers.</summary>
    internal static IEnumerable<BuiltLayer> Of(Image image, WrittenImages written) => written.Manifests is [var manifest]
        ? manifest.Layers.Zip(image.Layers, (blob, layer) => new BuiltLayer(layer.DiffId, blob.Digest, blob.Size))
        : image.Layers.Select(layer => new BuiltLayer(layer.DiffId, layer.BlobDigest!, layer.StoredLength));
}
