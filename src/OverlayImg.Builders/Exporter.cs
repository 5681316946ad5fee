using OverlayImg.Images.BaseImages;
using OverlayImg.Images.Sessions;

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
        return new(output.Publish(), image.Image.DisplayName, image.Image.Config.Id.ToString(), image.Layers.Count);
    }
}
