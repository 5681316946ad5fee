using OverlayImg.Builders.Pages;
using OverlayImg.FileSystems;
using OverlayImg.Images;
using OverlayImg.Images.BaseImages;
using OverlayImg.Images.Inspection;
using OverlayImg.Images.Layers;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Overlay;
using OverlayImg.Images.Sessions;
using OverlayImg.Images.Settings;
using OverlayImg.Images.Sources;

namespace OverlayImg.Builders.Inspections;

/// <summary>Reports on images without verifying digests. It reads the tar headers of the layers, and decompresses compressed layers.</summary>
public static class ImageInspection
{
    /// <summary>Reports on the chosen image, or on all images of the archive or layout if none is chosen.</summary>
    /// <exception cref="InputException">The archive is broken, or has no such image.</exception>
    /// <exception cref="MachineException">The host has no space for decompressed layers.</exception>
    public static async Task<IReadOnlyList<ImageReport>> RunAsync(ImageChoice choice, Session session)
    {
        var source = await choice.Location.OpenAsync(choice.Platform, session);
        var reports = new List<ImageReport>();
        // An archive may list one image under thousands of names. Equal layers are read once.
        var known = new Dictionary<string, LayersReport>(StringComparer.Ordinal);
        foreach (var image in Choose(choice, source))
        {
            var key = string.Join('\n', image.Layers.Select(layer => $"{layer.StoredOffset}+{layer.StoredLength} {layer.DiffId} {layer.BlobDigest}"));
            if (!known.TryGetValue(key, out var layers)) known.Add(key, layers = await ReadAsync(image.Layers, session, (_, _) => { }));
            reports.Add(ReportOf(image, layers));
        }

        return reports;
    }

    /// <summary>Reports on one image, and writes an HTML page about the image. The page needs no other file and no network.</summary>
    /// <param name="choice">The image. An archive or a layout with several images needs a name or a tag.</param>
    /// <param name="path">The file to write; <c>-</c> for standard output.</param>
    /// <exception cref="InputException">The archive is broken, has no such image, or has several.</exception>
    /// <exception cref="MachineException">The host has no space, or the file can't be written.</exception>
    public static async Task<InspectedPage> WritePageAsync(ImageChoice choice, string path, Session session)
    {
        using var output = PageFile.Prepare(path);
        var source = await choice.Location.OpenAsync(choice.Platform, session);
        var images = Choose(choice, source);
        if (images.Count > 1) throw TooMany(choice, images);
        InspectionPage? page = null;
        var layers = await ReadAsync(images[0].Layers, session, (trees, merged) => page = new(trees, merged, session.CancellationToken));
        var report = ReportOf(images[0], layers);
        var html = page!.Compose(report);
        session.Lifetime.RequireUnchanged();
        return new(report, output.Publish(html));
    }

    private static IReadOnlyList<Image> Choose(ImageChoice choice, ImageSource source) =>
        choice.ChoosesOne ? [source.Select(choice.Name, choice.Tag, choice.Platform, out _)] : source.ImagesFor(choice.Platform);

    private static InputException TooMany(ImageChoice choice, IReadOnlyList<Image> images)
    {
        const int Named = 5;
        var names = string.Join("; ", images.Take(Named).Select(image => image.DisplayName));
        return new($"has {images.Count} images, and a page shows one: {names}{(images.Count > Named ? "; ..." : "")}", new(choice.Location.Name))
        {
            Advice = new("Choose an image by its name or its tag.", ImageSetting.Name, ImageSetting.Tag),
        };
    }

    /// <summary>The part of a report that depends only on the layers, not on the config.</summary>
    private sealed record LayersReport(IReadOnlyList<LayerReport> Layers, IReadOnlyList<WastedFile> Wasted, long FileBytes);

    private static ImageReport ReportOf(Image image, LayersReport layers)
    {
        var history = HistoryEntry.Of(image.Config);
        var makers = HistoryEntry.OfLayers(history, image.Layers.Count);
        return new()
        {
            Image = image,
            Layers = makers is null ? layers.Layers : [.. layers.Layers.Zip(makers, (layer, maker) => layer with { CreatedBy = maker })],
            History = history,
            Wasted = layers.Wasted,
            FileBytes = layers.FileBytes,
        };
    }

    /// <param name="own">The layers of the image, bottom first.</param>
    /// <param name="session">The session of the operation.</param>
    /// <param name="see">Gets the trees of the layers and the merged tree, whose contents can be read until it returns.</param>
    private static async Task<LayersReport> ReadAsync(IReadOnlyList<Layer> own, Session session, Action<IReadOnlyList<FileTree>, FileTree> see)
    {
        var cancellationToken = session.CancellationToken;
        // An archive may hold thousands of images, so the layers of an image are closed before the next image.
        using var lifetime = new Lifetime();
        var layers = await BaseLayers.OpenAsync(own, null, null, session with { Lifetime = lifetime });
        session.Warn(layers.Warnings);
        FileTree[] trees = [.. layers.Trees.Select(layer => layer.Tree)];
        var merged = LayerStack.Merge(trees, cancellationToken);
        var wasted = WastedSpace.Find(trees, merged, cancellationToken);
        var wastedBytes = wasted.ToLookup(file => file.Layer, file => file.Length);
        var reports = new List<LayerReport>();
        foreach (var (index, layer) in own.Index())
        {
            var digest = await layer.FindBlobDigestAsync(cancellationToken);
            var content = layers.ContentOf(layer);
            var counts = LayerCounts.Of(content, layer.Where, cancellationToken);
            var waste = ByteTotal.Of(wastedBytes[index]);
            reports.Add(new(layer.DiffId, digest, layer.Compression, layer.StoredLength, content.Length, counts, waste, CreatedBy: null));
        }

        see(trees, merged);
        return new(reports, wasted, ByteTotal.OfFiles(merged));
    }
}
