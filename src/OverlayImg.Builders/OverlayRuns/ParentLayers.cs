using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Ext4;
using OverlayImg.Images;

namespace OverlayImg.Builders;

/// <summary>The layers of a base image, verified, each on a disk of its own, and what they look like merged.</summary>
internal sealed class ParentLayers : IDisposable
{
    // The kernel takes up to 500 lower directories, and mount(2) one page of options: 480 of "/l/479:" fit.
    private const int MaximumCount = 480;

    private readonly DockerArchive? _archive;
    private readonly IReadOnlyList<LayerContent> _contents;

    private ParentLayers(DockerArchive? archive, IReadOnlyList<LayerContent> contents) => (_archive, _contents) = (archive, contents);

    /// <summary>Disk image files, bottom first. A layer that the image lists twice has its disk here twice.</summary>
    public IReadOnlyList<string> Disks { get; private init; } = [];

    /// <summary>The merged view; its content lies in the archive, which is open as long as this is.</summary>
    public FileTree Merged { get; private init; } = new();

    /// <summary>Name of the image for messages, or null without one.</summary>
    public string? ImageName { get; private init; }

    /// <summary>The image's architecture in Go's words, or this machine's without an image.</summary>
    public string Architecture { get; private init; } = Architectures.Host;

    /// <summary>Opens the archive, verifies the layers that the chosen image has, and writes their disks.</summary>
    public static async Task<ParentLayers> PrepareAsync(BaseImageChoice? choice, ScratchDirectory scratch, IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        if (choice is null) return new(null, []);
        progress.Report(new StepStarted($"Reading {choice.Path}"));
        var archive = await DockerArchive.OpenAsync(choice.Path, scratch, cancellationToken);
        var contents = new List<LayerContent>();
        try
        {
            var image = archive.Select(choice.Name, choice.Tag, warning => progress.Report(new Warning(warning)));
            Architectures.RequireRunnable(image);
            if (image.Layers.Count > MaximumCount) throw new InputException($"has {image.Layers.Count} layers, but a guest can mount {MaximumCount} at most", new(choice.Path));

            progress.Report(new StepStarted($"Writing the disks of {image.Layers.Count} parent layer{(image.Layers.Count == 1 ? "" : "s")}"));
            var opened = await OpenAsync(image, scratch, contents, cancellationToken);
            var trees = Complete(image, opened, progress, cancellationToken);
            var disks = await WriteAsync(image, opened, trees, scratch, progress, cancellationToken);
            return new(archive, contents) { Disks = disks, Merged = LayerStack.Merge(trees, cancellationToken), ImageName = image.DisplayName, Architecture = image.Config.Architecture };
        }
        catch
        {
            foreach (var content in contents) content.Dispose();
            archive.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var content in _contents) content.Dispose();
        _archive?.Dispose();
    }
}
