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

/// <summary>Which image is copied, and where to.</summary>
public sealed record ImageCopyOptions
{
    /// <summary>The image.</summary>
    public required BaseImageChoice Source { get; init; }

    /// <summary>Where to.</summary>
    public required ImageOutput Target { get; init; }

    /// <summary>Whether all images of an index are copied, with the index; else the image for the source's platform.</summary>
    public bool All { get; init; }

    /// <summary>How layers shall be compressed; null: as they are, but that a registry gets none uncompressed.</summary>
    public CompressionFormat? Compression { get; init; }

    /// <summary>The family of the copy's documents; null: as they are, or the other one where a registry refuses them.</summary>
    public ManifestFamily? Family { get; init; }

    /// <summary>Annotations that the copied manifest or index gets, by name; they replace annotations of the same name. With annotations the documents are OCI's.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();

    /// <summary>A file that gets the digest of the copy; null for none.</summary>
    public string? DigestFile { get; init; }

    /// <summary>How to get at registries.</summary>
    public required RegistryOptions Access { get; init; }
}

/// <summary>What was copied.</summary>
/// <param name="Digest">Of the manifest or index at the destination.</param>
/// <param name="MediaType">Its media type.</param>
/// <param name="Images">How many images: of an index that was copied whole all that it leads to, without attestations and other artifacts.</param>
/// <param name="File">The archive; null for other destinations.</param>
/// <param name="Copied">Layers that were sent or written.</param>
/// <param name="There">Layers that were there already.</param>
/// <param name="Bytes">Of the layers that were sent or written.</param>
public sealed record ImageCopyResult(Digest Digest, string MediaType, int Images, TransferredFile? File, int Copied, int There, long Bytes);
