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

    private ParentLayers(BaseImage? image) => _image = image;

    /// <summary>Disk image files, bottom first. A layer that the image lists twice has its disk here twice.</summary>
    public IReadOnlyList<string> Disks { get; private init; } = [];

    /// <summary>The merged view; its content lies in the archive, which is open as long as this is.</summary>
    public FileTree Merged { get; private init; } = new();

    /// <summary>Name of the image for messages, or null without one.</summary>
    public string? ImageName => _image?.Image.DisplayName;

    /// <summary>The image's architecture in Go's words, or this machine's without an image.</summary>
    public string Architecture => _image?.Image.Config.Architecture is { Length: > 0 } architecture ? architecture : Architectures.Host;

    /// <summary>Opens the archive, verifies the layers that the chosen image has, and writes their disks.</summary>
    /// <exception cref="InputException">The archive is broken, a layer is not the one that the config means,
    /// or the image is not for this machine.</exception>
    /// <exception cref="MachineException">There is no space for the disks.</exception>
    public static async Task<ParentLayers> PrepareAsync(
        BaseImageChoice? choice, ScratchDirectory scratch, IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        if (choice is null) return new(null);
        var image = await BaseImage.OpenAsync(choice, image => RequireMountable(image, choice), scratch, progress, cancellationToken);
        try
        {
            return new(image) { Disks = await WriteDisksAsync(image, scratch, progress, cancellationToken), Merged = image.Merged };
        }
        catch
        {
            image.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _image?.Dispose();

    private static void RequireMountable(ArchiveImage image, BaseImageChoice choice)
    {
        Architectures.RequireRunnable(image, choice.Path);
        if (image.Layers.Count <= MaximumCount) return;
        throw new InputException($"has {image.Layers.Count} layers, but a guest can mount {MaximumCount} at most", new(choice.Path));
    }

    private static async Task<string[]> WriteDisksAsync(
        BaseImage image, ScratchDirectory scratch, IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        var layers = image.Layers;
        var step = $"Writing the disks of {layers.Count} parent layer{(layers.Count == 1 ? "" : "s")}";
        progress.Report(new StepStarted(step));
        // Hashing a layer and writing its disk both read it once, and neither waits for the other.
        var verified = image.VerifyAsync(new StepMeter(step, image.LayersLength, progress), cancellationToken);
        // The second of two equal layers is on the same disk, unless they took different things from below.
        var disks = layers.Distinct().ToDictionary(layer => layer, _ => scratch.NewPath("parent.ext4"));
        var written = Parallel.ForEachAsync(disks, cancellationToken, (disk, token) =>
        {
            Ext4Writer.Write(disk.Key, disk.Value, new() { ReadOnly = true }, token);
            return ValueTask.CompletedTask;
        });
        await Task.WhenAll(verified, written);
        return [.. layers.Select(layer => disks[layer])];
    }
}
