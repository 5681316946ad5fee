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
        using var output = TarOutputFile.Prepare(options.Output.Destination);
        using var scratch = ScratchDirectory.Create(Path.Combine(options.CacheDirectory, "tmp"));
        var archives = new List<DockerArchive>();
        try
        {
            var gathered = new GatheredImages(progress);
            foreach (var choice in options.Images)
            {
                progress.Report(new StepStarted($"Reading {choice.Path}"));
                var archive = await DockerArchive.OpenAsync(choice.Path, scratch, cancellationToken);
                archives.Add(archive);
                gathered.Add(archive, choice);
            }

            var blobs = await VerifyAsync(gathered.Layers, progress, cancellationToken);
            NewImage[] images = [.. gathered.Images.Select(image => new NewImage
            {
                References = image.References,
                Config = image.Config.Bytes,
                Layers = [.. image.Layers.Select(layer => blobs[layer.DiffId])],
            })];
            foreach (var warning in ImageArchive.WarningsOf(images)) progress.Report(new Warning(warning));
            progress.Report(new StepStarted($"Writing {options.Output.Destination.Path}"));
            await Task.Run(() => ImageArchive.Write(images, options.Output.Format, output.Stream, cancellationToken), cancellationToken);
            var merged = gathered.Images.Select(image => new MergedImage(image.References, image.Config.Id, image.Layers.Count));
            return new(output.Publish(), [.. merged], blobs.Count);
        }
        finally
        {
            foreach (var archive in archives) archive.Dispose();
        }
    }

    // Before anything is written: what has gone to stdout can't be taken back.
    private static async Task<IReadOnlyDictionary<Digest, LayerBlob>> VerifyAsync(
        IReadOnlyCollection<Layer> layers, IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        var step = $"Verifying {layers.Count} layer{(layers.Count == 1 ? "" : "s")}";
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
