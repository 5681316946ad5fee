using OverlayImg.FileSystems;
using OverlayImg.Images;

namespace OverlayImg.Builders;

/// <summary>An image of an archive or a layout that is open; nothing of its layers is read yet.</summary>
/// <param name="Source">The archive or layout.</param>
/// <param name="Image">The image.</param>
/// <param name="Verified">Which of its layers need not be hashed.</param>
/// <param name="SelectionWarning">What the user should know about the choice, a sentence; or null.</param>
internal sealed record ChosenImage(ImageSource Source, ArchiveImage Image, VerifiedLayers Verified, string? SelectionWarning) : IDisposable
{
    /// <summary>Opens the source and chooses.</summary>
    /// <exception cref="InputException">The source is broken, or has no such image.</exception>
    /// <exception cref="MachineException">There is no space for what must be decompressed.</exception>
    public static Task<ChosenImage> OpenAsync(BaseImageChoice choice, string cacheDirectory, ScratchDirectory scratch,
        IProgress<BuildEvent> progress, CancellationToken cancellationToken) =>
        OpenAsync(choice, cacheDirectory, TimeProvider.System, scratch, progress, cancellationToken);

    /// <summary>The same by another clock than the system's, which tells whether the source changed a moment ago.</summary>
    public static async Task<ChosenImage> OpenAsync(BaseImageChoice choice, string cacheDirectory, TimeProvider clock, ScratchDirectory scratch,
        IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        progress.Report(new StepStarted($"Reading {choice.Location.Name}"));
        var verified = VerifiedLayers.Of(choice, cacheDirectory, clock);
        var source = await choice.Location.OpenAsync(choice.Platform, cacheDirectory, scratch, progress, cancellationToken);
        try
        {
            var image = source.Select(choice.Name, choice.Tag, choice.Platform, out var warning);
            return new(source, image, verified, warning);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Source.Dispose();
}
