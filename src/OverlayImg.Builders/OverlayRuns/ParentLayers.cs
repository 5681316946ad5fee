using System.Collections.Concurrent;
using System.Globalization;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Ext4;
using OverlayImg.Images;

namespace OverlayImg.Builders;

/// <summary>The layers of a base image, verified, each on a disk of its own, and what they look like merged.</summary>
internal sealed class ParentLayers : IDisposable
{
    // The kernel takes up to 500 lower directories, and mount(2) one page of options: 480 of "/l/479:" fit.
    private const int MaximumCount = 480;

    private readonly BaseImage? _image;
    private readonly IReadOnlyList<CachedDisk> _disks;

    private ParentLayers(BaseImage? image, IReadOnlyList<CachedDisk> disks) => (_image, _disks) = (image, disks);

    /// <summary>Disk image files, bottom first. A layer that the image lists twice has its disk here twice.</summary>
    public IReadOnlyList<string> Disks => [.. _disks.Select(disk => disk.Path)];

    /// <summary>The image, open as long as this is; null without one.</summary>
    public BaseImage? Image => _image;

    /// <summary>The merged view; its content lies in the archive, which is open as long as this is.</summary>
    public FileTree Merged { get; private init; } = new();

    /// <summary>Name of the image for messages, or null without one.</summary>
    public string? ImageName => _image?.Image.DisplayName;

    /// <summary>The image's architecture in Go's words, or this machine's without an image.</summary>
    public string Architecture => _image?.Image.Config.Architecture is { Length: > 0 } architecture ? architecture : Architectures.Host;

    /// <summary>Opens the archive, unless it is, begins to verify the layers that the chosen image has, and takes their disks from the cache or writes them there.</summary>
    /// <exception cref="InputException">The archive is broken, a layer is not the one that the config means,
    /// or the image is not for this machine.</exception>
    /// <exception cref="MachineException">There is no space for the disks.</exception>
    public static async Task<ParentLayers> PrepareAsync(
        RunInputs inputs, DiskCache cache, ScratchDirectory scratch, IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        if (await inputs.OpenBaseAsync(cancellationToken) is not { } chosen) return new(null, []);
        var image = await BaseImage.ReadAsync(chosen, scratch, progress, cancellationToken);
        try
        {
            return new(image, await GetDisksAsync(image, cache, progress, cancellationToken)) { Merged = image.Merged };
        }
        catch
        {
            image.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var disk in _disks.Distinct()) disk.Dispose();
        _image?.Dispose();
    }

    /// <summary>Refuses an image before anything is done with its layers.</summary>
    /// <exception cref="InputException">It is not for this machine, or has more layers than a guest can mount.</exception>
    public static void RequireMountable(KnownImage image, BaseImageChoice choice)
    {
        Architectures.RequireRunnable(image, choice.Location.Name);
        if (image.DiffIds.Count <= MaximumCount) return;
        throw new InputException($"has {image.DiffIds.Count} layers, but a guest can mount {MaximumCount} at most", new(choice.Location.Name));
    }

    private static async Task<IReadOnlyList<CachedDisk>> GetDisksAsync(
        BaseImage image, DiskCache cache, IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        var layers = image.Layers;
        var step = $"Preparing the disks of {Counted.Of(layers.Count, "parent layer")}";
        progress.Report(new StepStarted(step));
        // Hashing a layer and writing its disk both read it once, and neither waits for the other. A disk must not get into the cache under the name
        // of a layer that it turns out not to be, so it stays out until the layer is verified. A disk of the cache is the right one whatever the
        // archive holds: then the guest need not wait.
        var verified = image.VerifyAsync(new StepMeter(step, image.LengthToVerify, progress), cancellationToken);
        var disks = new ConcurrentDictionary<Digest, CachedDisk>();
        try
        {
            await Parallel.ForEachAsync(layers.DistinctBy(layer => layer.Identity), cancellationToken, async (layer, token) =>
                disks[layer.Identity] = await cache.GetAsync(DiskKey(layer), path => WriteAsync(layer.Tree, path, verified, token), token));
            return [.. layers.Select(layer => disks[layer.Identity])];
        }
        catch
        {
            foreach (var disk in disks.Values) disk.Dispose();
            throw;
        }
    }

    // A disk that another version of the writer made holds the same files, but another version may read it more quickly.
    private static string DiskKey(LayerTree layer) => string.Create(CultureInfo.InvariantCulture, $"{layer.Identity.Hex}-{Ext4Writer.Version}");

    private static async Task WriteAsync(FileTree tree, string path, Task verified, CancellationToken cancellationToken)
    {
        await Task.Run(() => Ext4Writer.Write(tree, path, new() { ReadOnly = true }, cancellationToken), cancellationToken);
        await verified;
    }
}
