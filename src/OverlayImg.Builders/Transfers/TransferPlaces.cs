using OverlayImg.FileSystems;
using OverlayImg.Images;

namespace OverlayImg.Builders;

/// <summary>Opens what users name.</summary>
internal static class TransferPlaces
{
    /// <summary>Where an image is copied from.</summary>
    /// <exception cref="InputException">There is no such image.</exception>
    /// <exception cref="MachineException">A registry can't be reached, or does not allow it.</exception>
    public static async Task<TransferSource> OpenAsync(
        BaseImageChoice choice, bool all, CachedRegistry registry, string cacheDirectory, ScratchDirectory scratch, IProgress<BuildEvent> progress, CancellationToken cancellationToken) =>
        choice.Location is RegistryLocation location
            ? await RegistrySource.OpenAsync(location.Image, choice.Platform, all, registry, progress, cancellationToken)
            : await LocalSource.OpenAsync(choice, all, cacheDirectory, scratch, progress, cancellationToken);

    /// <summary>Where it is copied to.</summary>
    /// <param name="target">What the user named.</param>
    /// <param name="references">The names that it gets where the target says none.</param>
    /// <param name="expected">What the SHA-256 of an archive must be; null for any.</param>
    /// <param name="from">The repository that it comes from; null where it comes from elsewhere.</param>
    /// <param name="registry">For a target in one.</param>
    /// <param name="cacheDirectory">The cache.</param>
    /// <param name="progress">Is told what goes on.</param>
    /// <exception cref="InputException">It can't be written there.</exception>
    public static TransferDestination Open(ImageTarget target, IReadOnlyList<ImageReference> references, Digest? expected, RegistryReference? from,
        CachedRegistry registry, string cacheDirectory, IProgress<BuildEvent> progress) => target switch
        {
            FileTarget { Output: ArchiveOutput archive } file => new ArchiveDestination(archive, file.Name is null ? references : [file.Name], expected, progress),
            FileTarget { Output: LayoutOutput layout } file => new LayoutDestination(layout, file.Name is null ? references : [file.Name]),
            RegistryTarget { Image: var image } => new RegistryDestination(image, from, registry, new(cacheDirectory)),
            _ => throw new ArgumentOutOfRangeException(nameof(target)),
        };
}
