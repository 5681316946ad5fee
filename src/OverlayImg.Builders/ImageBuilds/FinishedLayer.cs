using OverlayImg.FileSystems;
using OverlayImg.Images;

namespace OverlayImg.Builders;

/// <summary>The new layer of an image, packed with its closure, and the base that it goes onto: made now, or by a former run of the same inputs.</summary>
internal sealed class FinishedLayer : IDisposable
{
    private readonly IDisposable?[] _owned;

    private FinishedLayer(params IDisposable?[] owned) => _owned = owned;

    /// <summary>The base image; null without one.</summary>
    public BaseImage? Base { get; private init; }

    /// <summary>The layer.</summary>
    public required PackedLayer Packed { get; init; }

    /// <summary>What is worth telling of the guest; null without one.</summary>
    public GuestRun? Run { get; private init; }

    /// <summary>Keeps the layer for later runs, where that is wanted and it is new.</summary>
    private Action Keep { get; init; } = () => { };

    /// <summary>Takes it from a former run where that is wanted and there is one, else makes it.</summary>
    public static async Task<FinishedLayer> MakeAsync(ImageBuildOptions options, LayerClosure closure, ScratchDirectory scratch, PhaseClock clock,
        IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        if (options.RunsGuest && (options.Uid > 0 || options.Gid > 0))
            progress.Report(new Warning("uid and gid are for layers without a script for root: files have the owners that the script left."));
        if (!options.RunsGuest) return await NewAsync(options, null, closure, scratch, clock, progress, cancellationToken);
        var reuse = await RunReuse.BeginAsync(options.GuestLayer(closure), false, scratch, progress, cancellationToken);
        try
        {
            if (reuse is not null) clock.Record("inputs");
            return reuse?.TryTake() is { } stored
                ? await StoredAsync(stored, reuse, scratch, clock, progress, cancellationToken)
                : await NewAsync(options, reuse, closure, scratch, clock, progress, cancellationToken);
        }
        catch
        {
            reuse?.Dispose();
            throw;
        }
    }

    /// <summary>Waits until the base is verified. Nothing may be published before, and nothing is kept.</summary>
    /// <exception cref="InputException">A layer of the base is not the one that the config means.</exception>
    public async Task VerifyAsync(CancellationToken cancellationToken)
    {
        if (Base is not null) await Base.VerifyAsync(null, cancellationToken);
        await Task.Run(Keep, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var owned in _owned) owned?.Dispose();
    }

    // The base is opened all the same: its layers go into the archive.
    private static async Task<FinishedLayer> StoredAsync(StoredResult stored, RunReuse reuse, ScratchDirectory scratch, PhaseClock clock,
        IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var (name, duration) in GuestPhases.None) clock.Record(name, duration);
            var chosen = await reuse.Inputs.OpenBaseAsync(cancellationToken);
            var baseImage = chosen is null ? null : await BaseImage.ReadAsync(chosen, scratch, new Silence(), cancellationToken);
            foreach (var warning in stored.Report.Warnings) progress.Report(new Warning(warning));
            var packed = new PackedLayer(stored.OpenLayer(), stored.Report.DiffId, stored.Report.Checksum, "");
            return new(packed, baseImage, stored, reuse) { Base = baseImage, Packed = packed, Run = stored.Report.Guest };
        }
        catch
        {
            stored.Dispose();
            throw;
        }
    }

    private static async Task<FinishedLayer> NewAsync(ImageBuildOptions options, RunReuse? reuse, LayerClosure closure, ScratchDirectory scratch, PhaseClock clock,
        IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        var warnings = new WarningRecorder(progress);
        var layer = await ReproducibilityCheck.MakeAsync(
            options.Check, (clock, progress, token) => ImageLayer.MakeAsync(options, closure, reuse?.Inputs, scratch, clock, progress, token), made => made.Tree,
            clock, warnings, cancellationToken);
        try
        {
            if (options.RunsScripts) await Task.Run(() => closure.Complete(layer.Tree, layer.Base?.Merged, warnings), cancellationToken);
            if (layer.Base is null && closure.Graph.Paths.Count == 0 && layer.Tree.Root.Count == 0) warnings.Report(new Warning(ImageBuild.HasNoFiles));
            // One that is kept may be wanted with its TarSum later.
            var withTarSum = options.Output.Format == ArchiveFormat.DockerTools || reuse is not null;
            var packed = await Task.Run(
                () => PackedLayer.Pack(layer, closure.Files(), options.FileTime, withTarSum, scratch, progress, cancellationToken), cancellationToken);
            return new(packed, layer, reuse)
            {
                Base = layer.Base,
                Packed = packed,
                Run = layer.Run,
                Keep = () => reuse?.Keep(Report(packed, layer, warnings.Warnings), packed.Path, null, cancellationToken),
            };
        }
        catch
        {
            layer.Dispose();
            throw;
        }
    }

    private static ResultReport Report(PackedLayer packed, ImageLayer layer, IReadOnlyList<string> warnings)
    {
        var (entries, whiteouts) = new NewLayer(layer.Tree, []).Count();
        return new()
        {
            DiffId = packed.DiffId,
            Checksum = packed.Checksum,
            Size = packed.Source.Length,
            Entries = entries,
            Whiteouts = whiteouts,
            Accelerator = layer.Run!.Accelerator,
            Warnings = warnings,
        };
    }
}
