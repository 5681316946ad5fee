using System.Collections.Concurrent;
using System.Globalization;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Ext4.Writing;
using OverlayImg.Images.BaseImages;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Layers.Guests;

/// <summary>The verified layers of a base image, each on a disk of its own, and their merged tree.</summary>
internal sealed class ParentLayers
{
    // The kernel allows 500 lower directories, but mount(2) takes one page of options, which has room for 480 of "/l/479:".
    private const int MaximumCount = 480;

    private readonly BaseImage? _image;
    private readonly IReadOnlyList<CachedDisk> _disks;

    private ParentLayers(BaseImage? image, IReadOnlyList<CachedDisk> disks) => (_image, _disks) = (image, disks);

    /// <summary>Paths of the disk images, bottom first. A layer that the image lists twice is included twice.</summary>
    public IReadOnlyList<string> Disks => [.. _disks.Select(disk => disk.Path)];

    /// <summary>The base image; null without one.</summary>
    public BaseImage? Image => _image;

    /// <summary>The merged tree. File content is read from the base image, which the session keeps open.</summary>
    public FileTree Merged { get; private init; } = new();

    /// <summary>Name of the image for messages; null without one.</summary>
    public string? ImageName => _image?.Image.DisplayName;

    /// <summary>The image's architecture by Go's name; this machine's without an image.</summary>
    public string Architecture => _image?.Image.Config.Architecture is { Length: > 0 } architecture ? architecture : Architectures.Host;

    /// <summary>
    /// Opens the base image if necessary, starts to verify its layers, and takes their disks from the cache or writes
    /// them to the cache. The session holds the disks.
    /// </summary>
    /// <exception cref="InputException">
    /// The archive is corrupt, a layer does not have the diff ID of the config, or the image is for another machine.
    /// </exception>
    /// <exception cref="MachineException">There is no space for the disks.</exception>
    public static async Task<ParentLayers> PrepareAsync(RunInputs inputs, Session session)
    {
        if (await inputs.OpenBaseAsync(session.CancellationToken) is not { } chosen) return new(null, []);
        RequireMountable(KnownImage.Of(chosen), chosen.Image.DisplayName);
        var image = await BaseImage.ReadAsync(chosen, session, inputs.Below);
        return new(image, await GetDisksAsync(image, session)) { Merged = image.Merged };
    }

    /// <summary>Rejects an unsuitable image before its layers are read.</summary>
    /// <param name="name">Name of the image in messages.</param>
    /// <exception cref="InputException">The image is for another architecture, or has more layers than a guest can mount.</exception>
    public static void RequireMountable(KnownImage image, string name)
    {
        Architectures.RequireRunnable(image, name);
        if (image.DiffIds.Count <= MaximumCount) return;
        throw new InputException($"has {image.DiffIds.Count} layers, but a guest can mount {MaximumCount} at most", new(name));
    }

    private static async Task<IReadOnlyList<CachedDisk>> GetDisksAsync(BaseImage image, Session session)
    {
        var layers = image.Layers;
        var meter = session.Meter($"Preparing the disks of {Counted.Of(layers.Count, "parent layer")}", image.LengthToVerify);
        // Hashing a layer and writing its disk each read the layer once, at the same time. A disk must not enter the
        // cache under the diff ID of another layer, so it waits for the verification. A disk in the cache is correct
        // whatever the archive has, so the guest does not wait.
        var verified = image.VerifyAsync(meter, session.CancellationToken);
        var cache = new DiskCache(session.Cache);
        var disks = new ConcurrentDictionary<Digest, CachedDisk>();
        await Parallel.ForEachAsync(layers.DistinctBy(layer => layer.Identity), session.CancellationToken, async (layer, token) =>
            disks[layer.Identity] = session.Own(await cache.GetAsync(DiskKey(layer), path => WriteAsync(layer.Tree, path, verified, token), token)));
        return [.. layers.Select(layer => disks[layer.Identity])];
    }

    // Disks by another version of the writer have the same files, but the guest may read them at another speed.
    private static string DiskKey(LayerTree layer) => string.Create(CultureInfo.InvariantCulture, $"{layer.Identity.Hex}-{Ext4Writer.Version}");

    private static async Task WriteAsync(FileTree tree, string path, Task verified, CancellationToken cancellationToken)
    {
        await Task.Run(() => Ext4Writer.Write(tree, path, new() { ReadOnly = true }, cancellationToken), cancellationToken);
        await verified;
    }
}
