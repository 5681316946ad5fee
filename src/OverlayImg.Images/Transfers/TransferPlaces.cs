using OverlayImg.Images.Digests;
using OverlayImg.Images.Layouts;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Outputs;
using OverlayImg.Images.References;
using OverlayImg.Images.Remote;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Images.Transfers;

/// <summary>Opens the source and the destination of a transfer that the user named.</summary>
internal static class TransferPlaces
{
    /// <summary>Opens the source. <paramref name="all"/> selects all images of an index instead of the one for the platform.</summary>
    /// <exception cref="InputException">The image does not exist.</exception>
    /// <exception cref="MachineException">A registry can't be reached or denies access.</exception>
    public static async Task<TransferSource> OpenAsync(ImageChoice choice, bool all, CachedRegistry registry, Session session) =>
        choice.Location is RegistryLocation location
            ? await RegistrySource.OpenAsync(location.Image, choice.Platform, all, registry, session)
            : await LocalSource.OpenAsync(choice, all, session);

    /// <summary>
    /// Opens the destination, which the session owns. The image gets <paramref name="references"/> if the target has no
    /// name. <paramref name="from"/> is the repository that the image comes from; null if the source is not a registry.
    /// </summary>
    /// <exception cref="InputException">The output can't be written, or a name is not valid in it.</exception>
    public static TransferDestination Open(
        ImageOutput target, IReadOnlyList<ImageReference> references, RegistryReference? from, CachedRegistry registry, Session session) =>
        target is RegistryOutput { Image: var image }
            ? new RegistryDestination(image, from, registry, new(session.Cache))
            : Open(target, target.Name is null ? references : [target.Name], null, session);

    /// <summary>Opens an archive or a layout, owned by the session. <paramref name="expected"/> is an archive's SHA-256; null for any.</summary>
    /// <exception cref="InputException">The output can't be written, or a name is not valid in it.</exception>
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
