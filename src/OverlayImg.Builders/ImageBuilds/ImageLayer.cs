using OverlayImg.Builders.Contents;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images;

namespace OverlayImg.Builders;

/// <summary>The new layer of an image before it is packed, and the base that it goes onto: made from files alone, or by scripts in a guest.</summary>
internal sealed class ImageLayer : IDisposable
{
    private readonly IDisposable[] _owned;

    private ImageLayer(params IDisposable?[] owned) => _owned = [.. owned.OfType<IDisposable>()];

    /// <summary>The base image; null without one.</summary>
    public BaseImage? Base { get; private init; }

    /// <summary>The layer as its tar is to have it.</summary>
    public required FileTree Tree { get; set; }

    /// <summary>How it is packed.</summary>
    public required TarWriterOptions TarOptions { get; init; }

    /// <summary>What a container sees of the base and the layer.</summary>
    public required FileTree Merged { get; set; }

    /// <summary>What is worth telling of the guest; null without one.</summary>
    public GuestRun? Run { get; private init; }

    /// <summary>Makes it.</summary>
    public static Task<ImageLayer> MakeAsync(ImageBuildOptions options, ScratchDirectory scratch, PhaseClock clock,
        IProgress<BuildEvent> progress, CancellationToken cancellationToken) =>
        options.RunsGuest
            ? InGuestAsync(options, scratch, clock, progress, cancellationToken)
            : PurelyAsync(options, scratch, clock, progress, cancellationToken);

    /// <summary>Lays files over the layer that are neither contents nor made by a script.</summary>
    /// <param name="files">Directories of the base that only lead to them are implied.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public void Add(FileTree files, CancellationToken cancellationToken)
    {
        var landed = ContentsLanding.Land(files, Base?.Merged, cancellationToken).Tree;
        Tree = LayerStack.Merge([Tree, landed], cancellationToken);
        Merged = LayerStack.Merge([Merged, landed], cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var owned in _owned) owned.Dispose();
    }

    private static async Task<ImageLayer> PurelyAsync(ImageBuildOptions options, ScratchDirectory scratch, PhaseClock clock,
        IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        var baseImage = options.From is null ? null : await BaseImage.OpenAsync(options.From, scratch, progress, cancellationToken);
        try
        {
            clock.Record("base");
            var layer = await PureLayer.PrepareAsync(
                new()
                {
                    Contents = options.Contents,
                    ExtraCommands = options.ExtraCommands,
                    Uid = options.Uid,
                    Gid = options.Gid,
                    Ready = options.Ready,
                    KeepsBaseRoot = options.Output.Format != ArchiveFormat.DockerTools,
                    KeepExtendedAttributes = options.KeepExtendedAttributes,
                    FileTime = options.FileTime,
                }, baseImage?.Merged, scratch, progress, cancellationToken);
            clock.Record("contents");
            return new(layer, baseImage)
            {
                Base = baseImage,
                Tree = layer.Tree,
                TarOptions = layer.TarOptions,
                Merged = baseImage is null ? layer.Tree : LayerStack.Merge([baseImage.Merged, layer.Tree], cancellationToken),
            };
        }
        catch
        {
            baseImage?.Dispose();
            throw;
        }
    }

    private static async Task<ImageLayer> InGuestAsync(ImageBuildOptions options, ScratchDirectory scratch, PhaseClock clock,
        IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        if (options.Uid != 0 || options.Gid != 0)
            progress.Report(new Warning("uid and gid are for layers without a script for root: files have the owners that the script left."));
        var run = new GuestLayerOptions
        {
            From = options.From,
            Contents = options.Contents,
            Ready = options.Ready,
            Scripts = new() { RunAsRoot = options.RunAsRoot, ShadowSetup = options.ShadowSetup, ExtraCommands = options.ExtraCommands },
            Guest = options.Guest,
            KeepExtendedAttributes = options.KeepExtendedAttributes,
            FileTime = options.FileTime,
            CacheDirectory = options.CacheDirectory,
            CacheLimit = options.CacheLimit,
        };
        var made = await GuestLayer.MakeAsync(run, scratch, clock, progress, cancellationToken);
        try
        {
            return new(made)
            {
                Base = made.Parents.Image,
                Tree = made.Layer.Tree,
                TarOptions = made.TarOptions,
                Merged = LayerStack.Merge([made.Parents.Merged, made.Upper], cancellationToken),
                Run = made.Run,
            };
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }
}
