using OverlayImg.FileSystems;

namespace OverlayImg.Builders;

/// <summary>dockerTools' exportImage, without its guest: parent layers → trees → one flattened tree → tar or ext4 disk.</summary>
public static class Exporter
{
    /// <summary>
    /// Exports. A file is written while the layers are being hashed, and appears when both are done. Standard output, a device or a pipe can't take anything back: it
    /// gets its first byte when every layer is verified.
    /// </summary>
    /// <exception cref="InputException">The image is broken, or holds what the format can't.</exception>
    /// <exception cref="MachineException">There is no space, or the disk is too small for the files.</exception>
    /// <exception cref="ClosedPipeException">Whoever read standard output has gone.</exception>
    public static async Task<ExportResult> RunAsync(ExportOptions options, IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        using var scratch = ScratchDirectory.Create(Path.Combine(options.CacheDirectory, "tmp"));
        using var output = ExportFile.Prepare(options, scratch);
        using var image = await BaseImage.OpenAsync(options.From, options.CacheDirectory, scratch, progress, cancellationToken);
        var step = $"Exporting {image.Image.DisplayName}";
        progress.Report(new StepStarted(step));
        var verified = image.VerifyAsync(new StepMeter(step, image.LengthToVerify, progress), cancellationToken);
        if (options.Destination.IsStream) await verified;
        await Task.Run(() => output.Write(image.Merged, cancellationToken), cancellationToken);
        await verified;
        return new(output.Publish(), image.Image.DisplayName, image.Image.Config.Id.ToString(), image.Layers.Count);
    }
}
