using OverlayImg.FileSystems;
using OverlayImg.Images;

namespace OverlayImg.Builders;

/// <summary>
/// Several archives' images in one archive: configs and layers byte for byte, so that the image IDs stay; every name kept; what they share, once.
/// </summary>
public static class ImageMerge
{
    /// <summary>Verifies every layer, then writes the archive.</summary>
    /// <exception cref="InputException">An archive is broken, or two different images have the same name.</exception>
    /// <exception cref="MachineException">The disk is full, or a library that decompresses is missing.</exception>
    public static async Task<ImageMergeResult> RunAsync(
        ImageMergeOptions options, IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        using var output = ImageOutputWriter.Prepare(options.Output);
        using var scratch = ScratchDirectory.Create(Path.Combine(options.CacheDirectory, "tmp"));
        var sources = new List<ImageSource>();
        try
        {
            var gathered = new GatheredImages(progress);
            foreach (var choice in options.Images)
            {
                progress.Report(new StepStarted($"Reading {choice.Location.Name}"));
                var source = await choice.Location.OpenAsync(choice.Platform, options.CacheDirectory, scratch, progress, cancellationToken);
                sources.Add(source);
                gathered.Add(source, choice);
            }

            var blobs = await VerifyAsync(gathered.Layers, progress, cancellationToken);
            NewImage[] images = [.. gathered.Images.Select(image => new NewImage
            {
                References = image.References,
                RefName = options.Output.RefName,
                Config = image.Config.Bytes,
                Layers = [.. image.Layers.Select(layer => blobs[layer.DiffId])],
                Manifest = image.Manifest,
            })];
            if (options.Output.RefName is { } refName && images.Length > 1)
                throw new InputException($"there are {images.Length} images, and {JsonInput.Printable(refName)} can be the name of one only", new(options.Output.Path));
            foreach (var warning in ImageArchive.WarningsOf(images)) progress.Report(new Warning(warning));
            progress.Report(new StepStarted($"Writing {options.Output.Path}"));
            await Task.Run(() => output.Write(images, cancellationToken), cancellationToken);
            var merged = gathered.Images.Select(image => new MergedImage(image.References, image.Config.Id, image.Layers.Count));
            return new(output.Publish(cancellationToken), [.. merged], blobs.Count);
        }
        finally
        {
            foreach (var source in sources) source.Dispose();
        }
    }

    // Before anything is written: what has gone to stdout can't be taken back.
    private static async Task<IReadOnlyDictionary<Digest, LayerBlob>> VerifyAsync(
        IReadOnlyCollection<Layer> layers, IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        var step = $"Verifying {Counted.Of(layers.Count, "layer")}";
        progress.Report(new StepStarted(step));
        var meter = new StepMeter(step, layers.Sum(layer => layer.StoredLength), progress);
        var blobs = new System.Collections.Concurrent.ConcurrentDictionary<Digest, LayerBlob>();
        await Parallel.ForEachAsync(layers, cancellationToken, async (layer, token) =>
        {
            var digest = await layer.VerifyAsync(meter, token);
            blobs[layer.DiffId] = new(layer.DiffId, digest, layer.Compression, layer.StoredContent);
        });
        return blobs;
    }
}
