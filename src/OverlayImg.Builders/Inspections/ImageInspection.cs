using OverlayImg.FileSystems;
using OverlayImg.Images;

namespace OverlayImg.Builders;

/// <summary>Looks into images: reads headers and what is compressed, verifies nothing.</summary>
public static class ImageInspection
{
    /// <summary>Reports on the image that is chosen, or on all images of the archive or layout where none is.</summary>
    /// <exception cref="InputException">The archive is broken, or has no such image.</exception>
    /// <exception cref="MachineException">There is no space for what must be decompressed.</exception>
    public static async Task<IReadOnlyList<ImageReport>> RunAsync(
        BaseImageChoice choice, string cacheDirectory, IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        using var scratch = ScratchDirectory.Create(Path.Combine(cacheDirectory, "tmp"));
        using var source = await choice.Location.OpenAsync(choice.Platform, cacheDirectory, scratch, progress, cancellationToken);
        var reports = new List<ImageReport>();
        foreach (var image in choice.ChoosesOne ? [source.Select(choice.Name, choice.Tag, choice.Platform, out _)] : source.ImagesFor(choice.Platform))
            reports.Add(await ReportAsync(image, scratch, progress, cancellationToken));
        return reports;
    }

    private static async Task<ImageReport> ReportAsync(
        ArchiveImage image, ScratchDirectory scratch, IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        using var layers = await BaseLayers.OpenAsync(image.Layers, null, null, scratch, cancellationToken);
        foreach (var warning in layers.Warnings) progress.Report(new Warning(warning));
        var history = HistoryEntry.Of(image.Config);
        HistoryEntry[] makers = [.. history.Where(entry => !entry.IsEmptyLayer)];
        // Which step made which layer is known only where the numbers agree.
        if (makers.Length != image.Layers.Count) makers = [];
        var reports = new List<LayerReport>();
        foreach (var layer in image.Layers)
        {
            var blob = await LayerBlob.OfAsync(layer, cancellationToken);
            var content = layers.ContentOf(layer);
            var counts = LayerCounts.Of(content, layer.Where, cancellationToken);
            reports.Add(new(
                layer.DiffId, blob.Digest, layer.Compression, layer.StoredLength, content.Length, counts, makers.ElementAtOrDefault(reports.Count)));
        }

        FileTree[] trees = [.. layers.Trees.Select(layer => layer.Tree)];
        var merged = LayerStack.Merge(trees, cancellationToken);
        return new()
        {
            Image = image,
            Layers = reports,
            History = history,
            Wasted = WastedSpace.Find(trees, merged, cancellationToken),
            FileBytes = merged.Walk().Select(entry => entry.Node).OfType<RegularFileNode>()
                .Distinct(ReferenceEqualityComparer.Instance).Sum(node => ((RegularFileNode)node!).Content.Length),
        };
    }
}
