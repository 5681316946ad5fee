using System.Collections.Concurrent;
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
    private readonly IReadOnlyCollection<LayerContent> _contents;

    private ParentLayers(DockerArchive? archive, IReadOnlyCollection<LayerContent> contents) => (_archive, _contents) = (archive, contents);

    /// <summary>Disk image files, bottom first. A layer that the image lists twice has its disk here twice.</summary>
    public IReadOnlyList<string> Disks { get; private init; } = [];

    /// <summary>The merged view; its content lies in the archive, which is open as long as this is.</summary>
    public FileTree Merged { get; private init; } = new();

    /// <summary>Name of the image for messages, or null without one.</summary>
    public string? ImageName { get; private init; }

    /// <summary>The image's architecture in Go's words, or this machine's without an image.</summary>
    public string Architecture { get; private init; } = Architectures.Host;

    /// <summary>Opens the archive, verifies the layers that the chosen image has, and writes their disks.</summary>
    /// <exception cref="InputException">The archive is broken, a layer is not the one that the config means,
    /// or the image is not for this machine.</exception>
    /// <exception cref="MachineException">There is no space for the disks.</exception>
    public static async Task<ParentLayers> PrepareAsync(
        BaseImageChoice? choice, ScratchDirectory scratch, IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        if (choice is null) return new(null, []);
        progress.Report(new StepStarted($"Reading {choice.Path}"));
        var archive = await DockerArchive.OpenAsync(choice.Path, scratch, cancellationToken);
        var contents = new ConcurrentDictionary<Digest, LayerContent>();
        try
        {
            var image = archive.Select(choice.Name, choice.Tag, out var warning);
            if (warning is not null) progress.Report(new Warning(warning));
            Architectures.RequireRunnable(image, choice.Path);
            if (image.Layers.Count > MaximumCount)
                throw new InputException($"has {image.Layers.Count} layers, but a guest can mount {MaximumCount} at most", new(choice.Path));
            return await WriteAsync(archive, image, contents, scratch, progress, cancellationToken);
        }
        catch
        {
            foreach (var content in contents.Values) content.Dispose();
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

    private static async Task<ParentLayers> WriteAsync(DockerArchive archive, ArchiveImage image, ConcurrentDictionary<Digest, LayerContent> contents,
        ScratchDirectory scratch, IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        var layers = image.Layers.DistinctBy(layer => layer.DiffId).ToArray();
        var trees = new ConcurrentDictionary<Digest, OverlayLayer>();
        await Parallel.ForEachAsync(layers, cancellationToken, async (layer, token) =>
        {
            var content = contents[layer.DiffId] = await layer.OpenAsync(scratch, token);
            trees[layer.DiffId] = content.ReadTree(token);
        });
        foreach (var layer in layers)
        {
            foreach (var warning in trees[layer.DiffId].Warnings) progress.Report(new Warning(warning));
        }

        var complete = Complete([.. image.Layers.Select(layer => trees[layer.DiffId])], cancellationToken);
        var disks = new string[complete.Count];
        var step = $"Writing the disks of {image.Layers.Count} parent layer{(image.Layers.Count == 1 ? "" : "s")}";
        progress.Report(new StepStarted(step));
        var meter = new StepMeter(step, contents.Values.Sum(content => content.Length), progress);
        // Hashing a layer and writing its disk both read it once, and neither waits for the other.
        var verified = Parallel.ForEachAsync(
            layers, cancellationToken, async (layer, token) => await contents[layer.DiffId].VerifyAsync(meter, token));
        var written = Parallel.ForEachAsync(Enumerable.Range(0, disks.Length), cancellationToken, (index, token) =>
        {
            // The second of two equal layers is on the same disk, unless they took different things from below.
            var same = complete.FindIndex(tree => ReferenceEquals(tree, complete[index]));
            if (same == index) Ext4Writer.Write(complete[index], disks[index] = scratch.NewPath("parent.ext4"), new() { ReadOnly = true }, token);
            return ValueTask.CompletedTask;
        });
        await Task.WhenAll(verified, written);
        for (var index = 0; index < disks.Length; index++) disks[index] ??= disks[complete.FindIndex(tree => ReferenceEquals(tree, complete[index]))];
        return new(archive, [.. contents.Values])
        {
            Disks = disks,
            Merged = LayerStack.Merge(complete, cancellationToken),
            ImageName = image.DisplayName,
            Architecture = image.Config.Architecture is { Length: > 0 } architecture ? architecture : Architectures.Host,
        };
    }

    // What a layer leaves to those below it is taken from them, so that its disk says the same as the layer unpacked over them.
    private static List<FileTree> Complete(IReadOnlyList<OverlayLayer> layers, CancellationToken cancellationToken)
    {
        var complete = new List<FileTree>();
        foreach (var layer in layers)
        {
            complete.Add(layer.DependsOnLower ? layer.CompleteAgainst(LayerStack.Merge(complete, cancellationToken)) : layer.Tree);
        }

        return complete;
    }
}
