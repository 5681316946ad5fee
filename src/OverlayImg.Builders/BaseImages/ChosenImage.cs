using OverlayImg.FileSystems;
using OverlayImg.Images;

namespace OverlayImg.Builders;

/// <summary>An image of an archive that is open; nothing of its layers is read yet.</summary>
/// <param name="Archive">The archive.</param>
/// <param name="Image">The image.</param>
/// <param name="Verified">Which of its layers need not be hashed.</param>
/// <param name="SelectionWarning">What the user should know about the choice, a sentence; or null.</param>
internal sealed record ChosenImage(DockerArchive Archive, ArchiveImage Image, VerifiedLayers Verified, string? SelectionWarning) : IDisposable
{
    /// <summary>Opens the archive and chooses.</summary>
    /// <exception cref="InputException">The archive is broken, or has no such image.</exception>
    /// <exception cref="MachineException">There is no space for what must be decompressed.</exception>
    public static async Task<ChosenImage> OpenAsync(BaseImageChoice choice, string cacheDirectory, ScratchDirectory scratch,
        IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        progress.Report(new StepStarted($"Reading {choice.Path}"));
        var verified = VerifiedLayers.Of(choice, cacheDirectory);
        var archive = await DockerArchive.OpenAsync(choice.Path, scratch, cancellationToken);
        try
        {
            var image = archive.Select(choice.Name, choice.Tag, out var warning);
            return new(archive, image, verified, warning);
        }
        catch
        {
            archive.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Archive.Dispose();
}
