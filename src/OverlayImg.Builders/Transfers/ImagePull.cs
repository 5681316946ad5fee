using OverlayImg.Images;
using OverlayImg.Images.Remote;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Builders.Transfers;

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
    public static async Task<ImagePullResult> RunAsync(ImagePullOptions options, Session session)
    {
        var registry = CachedRegistry.Create(options.Access, session);
        var destination = TransferPlaces.Open(options.Output, [options.FinalName], options.ExpectedHash, session);
        var source = await RegistrySource.OpenAsync(options.Image, options.Platform, all: false, registry, session);
        var result = await new ImageTransfer(source, destination, new(null, null), session).RunAsync();
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
