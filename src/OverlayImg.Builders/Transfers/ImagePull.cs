using OverlayImg.FileSystems;
using OverlayImg.Images;

namespace OverlayImg.Builders;

/// <summary>dockerTools' pullImage: an image of a registry as a file whose hash can be pinned.</summary>
/// <remarks>
/// The same image under the same name is the same bytes with every version of the tool: blobs as the registry has them, its manifest as it is where it is OCI's, and a
/// tar of fixed headers around them.
/// </remarks>
public static class ImagePull
{
    /// <summary>Fetches what is not in the cache, verifies all of it, and writes.</summary>
    /// <exception cref="InputException">There is no such image, or it is broken; or the file would have another hash than expected.</exception>
    /// <exception cref="MachineException">The registry can't be reached, or does not allow it; or the disk is full.</exception>
    public static async Task<ImagePullResult> RunAsync(ImagePullOptions options, IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        using var scratch = ScratchDirectory.Create(Path.Combine(options.CacheDirectory, "tmp"));
        using var registry = CachedRegistry.Create(options.Access, options.CacheDirectory, progress);
        using var destination = TransferPlaces.Open(new FileTarget(options.Output, null), [options.FinalName], options.ExpectedHash, null, registry, options.CacheDirectory, progress);
        using var source = await RegistrySource.OpenAsync(options.Image, options.Platform, all: false, registry, progress, cancellationToken);
        using var transfer = new ImageTransfer(source, destination, new(null, null), scratch, progress);
        var result = await transfer.RunAsync(cancellationToken);
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
