using OverlayImg.Builders.NewImages;
using OverlayImg.Images.Archives.Writing;
using OverlayImg.Images.BaseImages;
using OverlayImg.Images.Overlay;
using OverlayImg.Images.Sessions;
using OverlayImg.Layers.Checks;
using OverlayImg.Layers.Guests;
using OverlayImg.Layers.LayerClosures;
using OverlayImg.Layers.Reuse;

namespace OverlayImg.Builders.ImageBuilds;

/// <summary>The new layer of an image, packed with its closure, and the base that it goes onto: made now, or by a former run of the same inputs.</summary>
internal sealed class FinishedLayer
{
    /// <summary>The base image; null without one.</summary>
    public BaseImage? Base { get; private init; }

    /// <summary>The layer.</summary>
    public required PackedLayer Packed { get; init; }

    /// <summary>What is worth telling of the guest; null without one.</summary>
    public GuestRun? Run { get; private init; }

    /// <summary>Keeps the layer for later runs, where that is wanted and it is new.</summary>
    private Action Keep { get; init; } = () => { };

    /// <summary>Takes it from a former run where that is wanted and there is one, else makes it. The session owns it.</summary>
    public static async Task<FinishedLayer> MakeAsync(ImageBuildOptions options, LayerClosure closure, Session session)
    {
        if (options.RunsGuest && (options.Uid > 0 || options.Gid > 0))
            session.Warn("uid and gid are for layers without a script for root: files have the owners that the script left.");
        if (!options.RunsGuest) return await NewAsync(options, null, closure, session);
        var reuse = await RunReuse.BeginAsync(options.GuestLayer(closure), false, session);
        if (reuse is not null) session.Clock.Record("inputs");
        return reuse?.TryTake() is { } stored ? await StoredAsync(stored, reuse, session) : await NewAsync(options, reuse, closure, session);
    }

    /// <summary>Waits until the base is verified. Nothing may be published before, and nothing is kept.</summary>
    /// <exception cref="InputException">A layer of the base is not the one that the config means.</exception>
    public async Task VerifyAsync(CancellationToken cancellationToken)
    {
        if (Base is not null) await Base.VerifyAsync(null, cancellationToken);
        await Task.Run(Keep, cancellationToken);
    }

    // The base is opened all the same: its layers go into the archive.
    private static async Task<FinishedLayer> StoredAsync(StoredResult stored, RunReuse reuse, Session session)
    {
        foreach (var (name, duration) in GuestPhases.None) session.Clock.Record(name, duration);
        var chosen = await reuse.Inputs.OpenBaseAsync(session.CancellationToken);
        var baseImage = chosen is null ? null : await BaseImage.ReadAsync(chosen, session with { Progress = NullProgress<BuildEvent>.Instance });
        session.Warn(stored.Report.Warnings);
        var packed = new PackedLayer(session.Own(stored.OpenLayer()), stored.Report.DiffId, stored.Report.Checksum, "");
        return new() { Base = baseImage, Packed = packed, Run = stored.Report.Guest };
    }

    private static async Task<FinishedLayer> NewAsync(ImageBuildOptions options, RunReuse? reuse, LayerClosure closure, Session session)
    {
        var warnings = new WarningRecorder(session.Progress);
        session = session with { Progress = warnings };
        var layer = await ReproducibilityCheck.MakeAsync(
            options.Check, part => ImageLayer.MakeAsync(options, closure, reuse?.Inputs, part), made => made.Tree, session);
        if (options.RunsScripts) await Task.Run(() => closure.Complete(layer.Tree, layer.Base?.Merged, warnings), session.CancellationToken);
        if (layer.Base is null && closure.Graph.Paths.Count == 0 && layer.Tree.Root.Count == 0) session.Warn(NewImageOptions.HasNoFiles);
        // A layer that is kept for reuse may be taken later by a build in dockerTools' form, which needs the TarSum.
        var withTarSum = options.Output.Format == ArchiveFormat.DockerTools || reuse is not null;
        var packed = await Task.Run(() => PackedLayer.Pack(layer, closure.Files(), options.FileTime, withTarSum, session), session.CancellationToken);
        return new()
        {
            Base = layer.Base,
            Packed = packed,
            Run = layer.Run,
            Keep = () => reuse?.Keep(Report(packed, layer, warnings.Warnings), packed.Path, null, session.CancellationToken),
        };
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
