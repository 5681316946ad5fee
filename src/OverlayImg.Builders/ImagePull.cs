using OverlayImg.Images.Digests;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.Outputs;
using OverlayImg.Images.References;
using OverlayImg.Images.Registries.Options;
using OverlayImg.Images.Remote;
using OverlayImg.Images.Sessions;
using OverlayImg.Images.Transfers;

namespace OverlayImg.Builders;

/// <summary>Writes an image of a registry to a file whose hash can be pinned, as dockerTools' pullImage does.</summary>
/// <remarks>
/// The same image under the same name gives the same bytes with every version of the tool: blobs and an OCI manifest are written as the registry
/// has them, in a tar whose headers are fixed.
/// </remarks>
public static class ImagePull
{
    /// <summary>Fetches the blobs that the cache lacks, verifies all blobs, and writes the output.</summary>
    /// <exception cref="InputException">The image does not exist or is broken, or the file has another hash than expected.</exception>
    /// <exception cref="MachineException">The registry can't be reached or denies access, or the disk is full.</exception>
    public static async Task<ImagePullResult> RunAsync(ImagePullOptions options, Session session)
    {
        var registry = CachedRegistry.Create(options.Access, session);
        var destination = TransferPlaces.Open(options.Output, [options.FinalName], options.ExpectedHash, session);
        var source = await RegistrySource.OpenAsync(options.Image, options.Platform, all: false, registry, session);
        var form = new TransferForm(null, null) { References = [options.FinalName], RefName = options.Output.RefName };
        var result = await new ImageTransfer(source, destination, form, session).RunAsync();
        var manifest = (ImageManifest)result.Root;
        return new()
        {
            Image = source.Image,
            ImageName = options.ImageName,
            FinalName = options.FinalName,
            File = result.File,
            Output = options.Output,
            ImageId = manifest.Config.Digest,
            ManifestDigest = manifest.Digest,
            Layers = manifest.Layers.Count,
        };
    }
}

/// <summary>An image of a registry to pull, and its destination.</summary>
public sealed record ImagePullOptions
{
    /// <summary>The image to pull, by digest or tag.</summary>
    public required RegistryReference Image { get; init; }

    /// <summary>Its name without tag and digest, as the user wrote it.</summary>
    public required string ImageName { get; init; }

    /// <summary>The required platform; null for this machine's platform in an index, and for any platform of a single image.</summary>
    public Platform? Platform { get; init; }

    /// <summary>The destination: an archive or a layout.</summary>
    public required ImageOutput Output { get; init; }

    /// <summary>Name and tag of the image at the destination.</summary>
    public required ImageReference FinalName { get; init; }

    /// <summary>The required SHA-256 of the archive; null for any.</summary>
    public Digest? ExpectedHash { get; init; }

    /// <summary>Access options of the registry.</summary>
    public required RegistryOptions Access { get; init; }
}

/// <summary>The result of a pull.</summary>
public sealed record ImagePullResult
{
    /// <summary>The image with the digest to pin; for a multi-platform image this is the digest of the index.</summary>
    public required RegistryReference Image { get; init; }

    /// <summary>Its name without tag and digest, as the user wrote it.</summary>
    public required string ImageName { get; init; }

    /// <summary>Name and tag of the image in the output.</summary>
    public required ImageReference FinalName { get; init; }

    /// <summary>The written archive or layout.</summary>
    public required ImageOutput Output { get; init; }

    /// <summary>Length and hash of the archive; null for a layout.</summary>
    public TransferredFile? File { get; init; }

    /// <summary>The image ID, which is the digest of the config.</summary>
    public required Digest ImageId { get; init; }

    /// <summary>Digest of the written manifest.</summary>
    public required Digest ManifestDigest { get; init; }

    /// <summary>Number of layers of the image.</summary>
    public required int Layers { get; init; }
}
