using System.Text;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.Outputs;
using OverlayImg.Images.Registries.Options;
using OverlayImg.Images.Remote;
using OverlayImg.Images.Sessions;
using OverlayImg.Images.Transfers;

namespace OverlayImg.Builders;

/// <summary>Copies images between registries, archives and layouts.</summary>
public static class ImageCopy
{
    /// <summary>Verifies the fetched layers, and sends the blobs that the destination lacks.</summary>
    /// <exception cref="InputException">There is no such image, or it is broken.</exception>
    /// <exception cref="MachineException">A registry can't be reached, or does not allow it; or the disk is full.</exception>
    public static async Task<ImageCopyResult> RunAsync(ImageCopyOptions options, Session session)
    {
        using var digestFile = options.DigestFile is null ? null : OutputFile.PrepareAny(options.DigestFile);
        var registry = CachedRegistry.Create(options.Access, session);
        var source = await TransferPlaces.OpenAsync(options.Source, options.All, registry, session);
        var destination = TransferPlaces.Open(options.Target, source.References, source.Repository, registry, session);
        var form = new TransferForm(options.Compression, options.Family)
        {
            Annotations = options.Annotations,
            References = options.Target.Name is { } name ? [name] : source.References,
            RefName = options.Target.RefName,
        };
        var result = await new ImageTransfer(source, destination, form, session).RunAsync();
        if (digestFile is not null) Write(result.Root.Digest, digestFile);

        return new(result.Root.Digest, result.Root.MediaType, result.Images, result.File, result.Copied, result.There, result.Bytes);
    }

    // The image is copied at this point, so an error of the digest file must report the digest.
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
            throw new MachineException(
                $"The image is copied, with the digest {digest}, but the file for the digest is not written: {why}", exception);
        }
    }
}

/// <summary>A copy of an image from a source to a destination.</summary>
public sealed record ImageCopyOptions
{
    /// <summary>The image to copy.</summary>
    public required ImageChoice Source { get; init; }

    /// <summary>The destination.</summary>
    public required ImageOutput Target { get; init; }

    /// <summary>Whether all images of an index are copied together with the index; else only the image for the source's platform.</summary>
    public bool All { get; init; }

    /// <summary>Compression of the layers at the destination; null for no change, but uncompressed layers become gzip in a registry.</summary>
    public CompressionFormat? Compression { get; init; }

    /// <summary>OCI or Docker media types for the copy; null for those of the source, or the other ones if the registry refuses them.</summary>
    public ManifestFamily? Family { get; init; }

    /// <summary>
    /// Annotations to add to the copied manifest or index, by name. They replace annotations of the same name, and require OCI media types.
    /// </summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();

    /// <summary>Path of a file that gets the digest of the copied manifest or index; null for none.</summary>
    public string? DigestFile { get; init; }

    /// <summary>Access options of the registries.</summary>
    public required RegistryOptions Access { get; init; }
}

/// <summary>The result of a copy.</summary>
/// <param name="Digest">Digest of the manifest or index at the destination.</param>
/// <param name="MediaType">Media type of that manifest or index.</param>
/// <param name="Images">Number of copied images. Attestations and other artifacts of an index do not count.</param>
/// <param name="File">The written archive; null for other destinations.</param>
/// <param name="Copied">Number of layers that were sent or written.</param>
/// <param name="There">Number of layers that the destination had before.</param>
/// <param name="Bytes">Number of bytes of the layers that were sent or written.</param>
public sealed record ImageCopyResult(Digest Digest, string MediaType, int Images, TransferredFile? File, int Copied, int There, long Bytes);
