using OverlayImg.FileSystems;
using OverlayImg.Images;

namespace OverlayImg.Builders;

/// <summary>Validates image archives.</summary>
public static class ImageValidation
{
    /// <summary>Reads all of the archive; which rules it breaks.</summary>
    /// <exception cref="InputException">It is not there, or is no archive.</exception>
    /// <exception cref="MachineException">There is no space for what must be decompressed.</exception>
    public static async Task<ValidationReport> RunAsync(
        string path, string cacheDirectory, IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        using var scratch = ScratchDirectory.Create(Path.Combine(cacheDirectory, "tmp"));
        var step = $"Validating {path}";
        progress.Report(new StepStarted(step));
        return await ImageValidator.RunAsync(path, scratch, total => new StepMeter(step, total, progress), cancellationToken);
    }
}
