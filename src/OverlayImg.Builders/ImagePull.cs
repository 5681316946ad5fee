using OverlayImg.Images.Digests;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.Outputs;
using OverlayImg.Images.References;
using OverlayImg.Images.Registries.Options;
using OverlayImg.Images.Remote;
using OverlayImg.Images.Sessions;
using OverlayImg.Images.Transfers;

namespace OverlayImg.Builders;

/// <summary>dockerTools' pullImage: an image of a registry as a file whose hash can be pinned.</summary>
/// <remarks>
/// The same image under the same name is the same bytes with every version of the tool: blobs as the registry has them, its manifest as it is where it is OCI's, and a
/// tar of fixed headers around them.
/// </remarks>
public static class ImagePull
{
    /// <summary>Fetches the blobs that the cache lacks, verifies all blobs, and writes the output.</summary>
    /// <exception cref="InputException">There is no such image, or it is broken; or the file would have another hash than expected.</exception>
    /// <exception cref="MachineException">The registry can't be reached, or does not allow it; or the disk is full.</exception>
    public static async Task<ImagePullResult> RunAsync(ImagePullOptions options, Session session)
    {
        var registry = CachedRegistry.Create(options.Access, session);
        var destination = TransferPlaces.Open(options.Output, [options.FinalName], options.ExpectedHash, session);
        var source = await RegistrySource.OpenAsync(options.Image, options.Platform, all: false, registry, session);
        var result = await new ImageTransfer(source, destination, new(null, null) { References = [options.FinalName], RefName = options.Output.RefName }, session).RunAsync();
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

/// <summary>Which image of a registry is pulled, and where to.</summary>
public sealed record ImagePullOptions
{
    /// <summary>The image, by digest or tag.</summary>
    public required RegistryReference Image { get; init; }

    /// <summary>Its name without tag and digest, as the user wrote it.</summary>
    public required string ImageName { get; init; }

    /// <summary>What it must be for; null for any, and of an index then the one for this machine.</summary>
    public Platform? Platform { get; init; }

    /// <summary>An archive or a layout.</summary>
    public required ImageOutput Output { get; init; }

    /// <summary>The name that it gets there, with a tag.</summary>
    public required ImageReference FinalName { get; init; }

    /// <summary>What the SHA-256 of the archive must be; null for any.</summary>
    public Digest? ExpectedHash { get; init; }

    /// <summary>How to get at the registry.</summary>
    public required RegistryOptions Access { get; init; }
}

/// <summary>What was pulled.</summary>
public sealed record ImagePullResult
{
    /// <summary>The image with the digest to pin: that of the index where it is one of an index.</summary>
    public required RegistryReference Image { get; init; }

    /// <summary>Its name without tag and digest, as the user wrote it.</summary>
    public required string ImageName { get; init; }

    /// <summary>The name that it got.</summary>
    public required ImageReference FinalName { get; init; }

    /// <summary>Where it was written.</summary>
    public required ImageOutput Output { get; init; }

    /// <summary>The archive; null for a layout.</summary>
    public TransferredFile? File { get; init; }

    /// <summary>Digest of the config.</summary>
    public required Digest ImageId { get; init; }

    /// <summary>Digest of the manifest as it was written.</summary>
    public required Digest ManifestDigest { get; init; }

    /// <summary>How many layers it has.</summary>
    public required int Layers { get; init; }
}
