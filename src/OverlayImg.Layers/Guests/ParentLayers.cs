using System.Collections.Concurrent;
using System.Globalization;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Ext4.Writing;
using OverlayImg.Images.BaseImages;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Layers.Guests;

/// <summary>The layers of a base image, verified, each on a disk of its own, and what they look like merged.</summary>
internal sealed class ParentLayers
{
    // The kernel takes up to 500 lower directories, and mount(2) one page of options: 480 of "/l/479:" fit.
    private const int MaximumCount = 480;

    private readonly BaseImage? _image;
    private readonly IReadOnlyList<CachedDisk> _disks;

    private ParentLayers(BaseImage? image, IReadOnlyList<CachedDisk> disks) => (_image, _disks) = (image, disks);

    /// <summary>Disk image files, bottom first. A layer that the image lists twice has its disk here twice.</summary>
    public IReadOnlyList<string> Disks => [.. _disks.Select(disk => disk.Path)];

    /// <summary>The image; null without one.</summary>
    public BaseImage? Image => _image;

    /// <summary>The merged view; its content lies in the archive, which is open as long as the session.</summary>
    public FileTree Merged { get; private init; } = new();

    /// <summary>Name of the image for messages, or null without one.</summary>
    public string? ImageName => _image?.Image.DisplayName;

    /// <summary>The image's architecture in Go's words, or this machine's without an image.</summary>
    public string Architecture => _image?.Image.Config.Architecture is { Length: > 0 } architecture ? architecture : Architectures.Host;

    /// <summary>
    /// Opens the archive, unless it is, begins to verify the layers that the chosen image has, and takes their disks from the cache or writes them there.
    /// The session holds the disks.
    /// </summary>
    /// <exception cref="InputException">The archive is broken, a layer is not the one that the config means,
    /// or the image is not for this machine.</exception>
    /// <exception cref="MachineException">There is no space for the disks.</exception>
    public static async Task<ParentLayers> PrepareAsync(RunInputs inputs, Session session)
    {
        if (await inputs.OpenBaseAsync(session.CancellationToken) is not { } chosen) return new(null, []);
        var image = await BaseImage.ReadAsync(chosen, session);
        return new(image, await GetDisksAsync(image, session)) { Merged = image.Merged };
    }

    /// <summary>Refuses an image before anything is done with its layers.</summary>
    /// <exception cref="InputException">It is not for this machine, or has more layers than a guest can mount.</exception>
    public static void RequireMountable(KnownImage image, BaseImageChoice choice)
    {
        Architectures.RequireRunnable(image, choice.Location.Name);
        if (image.DiffIds.Count <= MaximumCount) return;
        throw new InputException($"has {image.DiffIds.Count} layers, but a guest can mount {MaximumCount} at most", new(choice.Location.Name));
    }

    private static async Task<IReadOnlyList<CachedDisk>> GetDisksAsync(BaseImage image, Session session)
    {
        var layers = image.Layers;
        var meter = session.Meter($"Preparing the disks of {Counted.Of(layers.Count, "parent layer")}", image.LengthToVerify);
        // Hashing a layer and writing its disk both read it once, and neither waits for the other. A disk must not get into the cache under the name
        // of a layer that it turns out not to be, so it stays out until the layer is verified. A disk of the cache is the right one whatever the
        // archive holds: then the guest need not wait.
        var verified = image.VerifyAsync(meter, session.CancellationToken);
        var cache = new DiskCache(session.Cache);
        var disks = new ConcurrentDictionary<Digest, CachedDisk>();
        await Parallel.ForEachAsync(layers.DistinctBy(layer => layer.Identity), session.CancellationToken, async (layer, token) =>
            disks[layer.Identity] = session.Own(await cache.GetAsync(DiskKey(layer), path => WriteAsync(layer.Tree, path, verified, token), token)));
        return [.. layers.Select(layer => disks[layer.Identity])];
    }

    // A disk that another version of the writer made holds the same files, but another version may read it more quickly.
    private static string DiskKey(LayerTree layer) => string.Create(CultureInfo.InvariantCulture, $"{layer.Identity.Hex}-{Ext4Writer.Version}");

    private static async Task WriteAsync(FileTree tree, string path, Task verified, CancellationToken cancellationToken)
    {
        await Task.Run(() => Ext4Writer.Write(tree, path, new() { ReadOnly = true }, cancellationToken), cancellationToken);
        await verified;
    }
}
