using OverlayImg.Images.BaseImages;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Builders;

/// <summary>
/// Writes the file system of an image to a tar or an ext4 disk. dockerTools' exportImage does this in a virtual machine; here no guest is needed.
/// </summary>
public static class Exporter
{
    /// <summary>
    /// Exports the file system. A file is written while the layers are hashed, and gets its name after both. Bytes on standard output, a device or
    /// a pipe can't be taken back, so the first byte is written after every layer is verified.
    /// </summary>
    /// <exception cref="InputException">The image is broken, or the format can't hold one of its files.</exception>
    /// <exception cref="MachineException">The host has no space, or the disk is too small for the files.</exception>
    /// <exception cref="ClosedPipeException">The reader of standard output has closed the pipe.</exception>
    public static async Task<ExportResult> RunAsync(ExportOptions options, Session session)
    {
        var cancellationToken = session.CancellationToken;
        using var output = ExportFile.Prepare(options, session.Scratch);
        var image = await BaseImage.OpenAsync(options.From, session);
        var verified = image.VerifyAsync(session.Meter($"Exporting {image.Image.DisplayName}", image.LengthToVerify), cancellationToken);
        if (options.Destination.IsStream) await verified;
        await Task.Run(() => output.Write(image.Merged, cancellationToken), cancellationToken);
        await verified;
        session.Lifetime.RequireUnchanged();
        return new(output.Publish(), image.Image.DisplayName, image.Image.Config.Id.ToString(), image.Layers.Count, options.Format == ExportFormat.Ext4);
    }
}
