using System.Text;
using OverlayImg.Images;
using OverlayImg.Images.Outputs;
using OverlayImg.Images.Remote;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Builders.Transfers;

/// <summary>Copies images between registries, archives and layouts.</summary>
public static class ImageCopy
{
    /// <summary>Verifies what is fetched, and sends what is not there.</summary>
    /// <exception cref="InputException">There is no such image, or it is broken.</exception>
    /// <exception cref="MachineException">A registry can't be reached, or does not allow it; or the disk is full.</exception>
    public static async Task<ImageCopyResult> RunAsync(ImageCopyOptions options, Session session)
    {
        using var digestFile = options.DigestFile is null ? null : OutputFile.PrepareAny(options.DigestFile);
        var registry = CachedRegistry.Create(options.Access, session);
        var source = await TransferPlaces.OpenAsync(options.Source, options.All, registry, session);
        var destination = TransferPlaces.Open(options.Target, source.References, source.Repository, registry, session);
        var result = await new ImageTransfer(source, destination, new(options.Compression, options.Family) { Annotations = options.Annotations }, session).RunAsync();
        if (digestFile is not null) Write(result.Root.Digest, digestFile);

        return new(result.Root.Digest, result.Root.MediaType, result.Images, result.File, result.Copied, result.There, result.Bytes);
    }

    // By now the image is where it shall be, which must not be lost with its digest.
    private static void Write(Digest digest, OutputFile file)
    {
        try
        {
            using (var stream = file.Open()) stream.Write(Encoding.ASCII.GetBytes(digest.ToString()));
            file.Publish();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or MachineException)
        {
            var why = exception.Message.TrimEnd('.');
            throw new MachineException($"The image is copied, with the digest {digest}, but the file for the digest is not written: {why}", exception);
        }
    }
}
