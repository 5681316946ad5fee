using System.Collections.Concurrent;
using OverlayImg.Images;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Json;
using OverlayImg.Images.Layers;
using OverlayImg.Images.Outputs;
using OverlayImg.Images.Sessions;
using OverlayImg.Images.Transfers;

namespace OverlayImg.Builders.ImageMerges;

/// <summary>
/// Writes the images of several archives to one archive. Configs and layers stay unchanged, so the image IDs do, too. Names are kept, and layers
/// that images share are stored once.
/// </summary>
public static class ImageMerge
{
    /// <summary>Verifies every layer, then writes the archive.</summary>
    /// <exception cref="InputException">An archive is broken, or two different images have the same name.</exception>
    /// <exception cref="MachineException">The disk is full, or a library that decompresses is missing.</exception>
    public static async Task<ImageMergeResult> RunAsync(ImageMergeOptions options, Session session)
    {
        var cancellationToken = session.CancellationToken;
        var output = await ImageOutputWriter.PrepareAsync(options.Output, session);
        var gathered = new GatheredImages(session);
        foreach (var choice in options.Images)
        {
            session.Step($"Reading {choice.Location.Name}");
            gathered.Add(await choice.Location.OpenAsync(choice.Platform, session), choice);
        }

        RequireOneName(options.Output, gathered.Images.Count());
        var verified = await VerifyAsync(gathered.Layers, session);
        Image[] images = [.. gathered.Images.Select(image => image with { Layers = [.. image.Layers.Select(layer => verified[layer.DiffId])] })];
        var written = await output.WriteAsync(images);
        var merged = gathered.Images.Select(image => new MergedImage(image.References, image.Config.Id, image.Layers.Count));
        return new(written.File, options.Output, [.. merged], verified.Count, options.Output is RegistryOutput ? written.Manifests[0].Digest : null);
    }

    private static void RequireOneName(ImageOutput output, int images)
    {
        if (images == 1) return;
        var name = output is RegistryOutput ? output.Path : output.RefName;
        if (name is null) return;
        throw new InputException($"there are {images} images, and {JsonInput.Printable(name)} can be the name of one only", new(output.Path))
        {
            Advice = "Write an archive or a layout without a name or tag, which keeps the name of each image, or choose one image.",
        };
    }

    // All layers are verified before anything is written, because bytes on stdout can't be taken back.
    private static async Task<IReadOnlyDictionary<Digest, Layer>> VerifyAsync(IReadOnlyCollection<Layer> layers, Session session)
    {
        var meter = session.Meter($"Verifying {Counted.Of(layers.Count, "layer")}", layers.Sum(layer => layer.StoredLength));
        var verified = new ConcurrentDictionary<Digest, Layer>();
        await Parallel.ForEachAsync(layers, session.CancellationToken, async (layer, token) =>
            verified[layer.DiffId] = layer.AsVerified(await layer.VerifyAsync(meter, token)));
        return verified;
    }
}
