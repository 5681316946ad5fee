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

/// <summary>
/// The new layer of an image, packed together with its closure, and its base image. The layer is made now, or taken from an earlier run with
/// equal inputs.
/// </summary>
internal sealed class FinishedLayer
{
    /// <summary>The image below the layer; null if there is none.</summary>
    public BaseImage? Base { get; private init; }

    /// <summary>The packed layer.</summary>
    public required PackedLayer Packed { get; init; }

    /// <summary>The run of the guest; null if no guest ran.</summary>
    public GuestRun? Run { get; private init; }

    /// <summary>Stores a new layer in the cache for later runs, if reuse is wanted.</summary>
    private Action Keep { get; init; } = () => { };

    /// <summary>Takes the layer from an earlier run if reuse is wanted and possible, else makes the layer. The session owns the layer.</summary>
    /// <param name="options">The build.</param>
    /// <param name="closure">The store paths that belong to the layer.</param>
    /// <param name="lower">The image below the layer, if this build has made that image; null for the base image.</param>
    /// <param name="session">The operation.</param>
    public static async Task<FinishedLayer> MakeAsync(ImageBuildOptions options, LayerClosure closure, LowerImage? lower, Session session)
    {
        if (options.RunsGuest && (options.Uid > 0 || options.Gid > 0))
            session.Warn("uid and gid have no effect on a layer with a root script: the files keep the owners that the script sets.");
        if (!options.RunsGuest) return await NewAsync(options, part => ImageLayer.PurelyAsync(options, closure, part), null, closure, session);
        var guest = options.GuestLayer(closure, lower);
        var reuse = await RunReuse.BeginAsync(guest, false, session);
        if (reuse is not null) session.Clock.Record("inputs");
        return reuse?.TryTake() is { } stored ? await StoredAsync(stored, reuse, session) : await NewAsync(
            options, part => ImageLayer.InGuestAsync(guest, reuse?.Inputs, part), reuse, closure, session);
    }

    /// <summary>Verifies the base image, and then stores the layer for later runs. No output may be published before.</summary>
    /// <exception cref="InputException">A layer of the base image has another diff ID than the config states.</exception>
    public async Task VerifyAsync(CancellationToken cancellationToken)
    {
        if (Base is not null) await Base.VerifyAsync(null, cancellationToken);
        await Task.Run(Keep, cancellationToken);
    }

    // A reused layer needs the base image, too, because its layers go to the archive.
    private static async Task<FinishedLayer> StoredAsync(StoredResult stored, RunReuse reuse, Session session)
    {
        foreach (var (name, duration) in GuestPhases.None) session.Clock.Record(name, duration);
        var chosen = await reuse.Inputs.OpenBaseAsync(session.CancellationToken);
        var baseImage = chosen is null ? null : await BaseImage.ReadAsync(
            chosen, session with { Progress = NullProgress<BuildEvent>.Instance }, reuse.Inputs.Below);
        session.Warn(stored.Report.Warnings);
        var packed = new PackedLayer(session.Own(stored.OpenLayer()), stored.Report.DiffId, stored.Report.Checksum, "", stored.Report.Changes);
        return new() { Base = baseImage, Packed = packed, Run = stored.Report.GuestOf(reuse.HasNetwork) };
    }

    private static async Task<FinishedLayer> NewAsync(
        ImageBuildOptions options, Func<Session, Task<ImageLayer>> make, RunReuse? reuse, LayerClosure closure, Session session)
    {
        var warnings = new WarningRecorder(session.Progress);
        session = session with { Progress = warnings };
        var layer = await ReproducibilityCheck.MakeAsync(options.Check, make, made => made.Tree, session);
        if (options.RunsScripts) await Task.Run(() => closure.Complete(layer.Tree, layer.Base?.Merged, warnings), session.CancellationToken);
        if (layer.Base is null && closure.Graph.Paths.Count == 0 && layer.Tree.Root.Count == 0) session.Warn(NewImageOptions.HasNoFiles);
        // A stored layer may be reused by a build in dockerTools' format, which needs the TarSum.
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
            Changes = packed.Changes,
            Accelerator = layer.Run!.Accelerator,
            Warnings = warnings,
        };
    }
}
