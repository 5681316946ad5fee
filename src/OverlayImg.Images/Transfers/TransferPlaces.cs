using OverlayImg.Images.Digests;
using OverlayImg.Images.Layouts;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Outputs;
using OverlayImg.Images.References;
using OverlayImg.Images.Remote;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Images.Transfers;

/// <summary>Opens what users name.</summary>
internal static class TransferPlaces
{
    /// <summary>Where an image is copied from.</summary>
    /// <exception cref="InputException">There is no such image.</exception>
    /// <exception cref="MachineException">A registry can't be reached, or does not allow it.</exception>
    public static async Task<TransferSource> OpenAsync(BaseImageChoice choice, bool all, CachedRegistry registry, Session session) =>
        choice.Location is RegistryLocation location
            ? await RegistrySource.OpenAsync(location.Image, choice.Platform, all, registry, session)
            : await LocalSource.OpenAsync(choice, all, session);

    /// <summary>Where it is copied to.</summary>
    /// <param name="target">What the user named.</param>
    /// <param name="references">The names that it gets where the target says none.</param>
    /// <param name="from">The repository that it comes from; null where it comes from elsewhere.</param>
    /// <param name="registry">For a target in one.</param>
    /// <param name="session">The operation.</param>
    /// <exception cref="InputException">It can't be written there.</exception>
    public static TransferDestination Open(
        ImageOutput target, IReadOnlyList<ImageReference> references, RegistryReference? from, CachedRegistry registry, Session session) =>
        target is RegistryOutput { Image: var image }
            ? new RegistryDestination(image, from, registry, new(session.Cache))
            : Open(target, target.Name is null ? references : [target.Name], null, session);

    /// <summary>An archive or a layout that an image is copied to.</summary>
    /// <param name="output">Where.</param>
    /// <param name="references">The names that the image gets.</param>
    /// <param name="expected">What the SHA-256 of an archive must be; null for any.</param>
    /// <param name="session">The operation.</param>
    /// <exception cref="InputException">It can't be written there.</exception>
    public static TransferDestination Open(ImageOutput output, IReadOnlyList<ImageReference> references, Digest? expected, Session session)
    {
        PublishedImage.RequireNames(references, output.RefName);
        return output switch
        {
            ArchiveOutput archive => new ArchiveDestination(archive, expected, session) { TellsHash = true },
            LayoutOutput layout => new LayoutDestination(layout, session),
            _ => throw new ArgumentOutOfRangeException(nameof(output)),
        };
    }
}
