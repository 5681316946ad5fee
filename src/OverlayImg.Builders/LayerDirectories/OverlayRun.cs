using System.Text.Json.Nodes;
using OverlayImg.Closures;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Outputs;
using OverlayImg.Images.Overlay;
using OverlayImg.Images.Sessions;
using OverlayImg.Layers.Checks;
using OverlayImg.Layers.Guests;
using OverlayImg.Layers.LayerClosures;
using OverlayImg.Layers.Reuse;
using OverlayImg.Sandbox.Errors;
using OverlayImg.Sandbox.Jobs;

namespace OverlayImg.Builders.LayerDirectories;

/// <summary>
/// Runs scripts in a guest around an overlay mount and writes the new layer, as dockerTools' runWithOverlay and mkRootLayer do.
/// </summary>
public static class OverlayRun
{
    private const string PackingStep = "Packing the new layer";

    /// <summary>Runs the scripts, and writes the layer directory.</summary>
    /// <exception cref="InputException">The base image or the contents can't be used, or a layer can't hold a file that the scripts left.</exception>
    /// <exception cref="MachineException">The guest can't be run here, or the host has no space.</exception>
    /// <exception cref="ScriptException">A script failed.</exception>
    /// <exception cref="GuestTimeoutException">The guest or the scripts took too long.</exception>
    /// <exception cref="IrreproducibleException">A check was wanted, and two runs of the scripts gave different layers.</exception>
    public static Task<LayerResult> RunAsync(OverlayRunOptions options, Session session) =>
        RunDeadline.WithinAsync(options.Guest, session, (guest, session) => RunInTimeAsync(options with { Guest = guest }, session));

    private static async Task<LayerResult> RunInTimeAsync(OverlayRunOptions options, Session session)
    {
        var cancellationToken = session.CancellationToken;
        using var output = LayerDirectory.Prepare(options.OutputDirectory);
        using var outFile = options.OutFile is null ? null : OutputFile.Prepare(options.OutFile);
        using var kept = options.KeepScript is null ? null : KeptScript.Prepare(options.KeepScript, session);
        if (kept is not null && options.Scripts.Shell is { } shell)
            options = options with { Scripts = options.Scripts with { Shell = shell with { OnCommands = kept.Write } } };
        // Wrong inputs are refused before scripts run.
        var givenJson = options.BaseJson is null ? null : await BaseJson.ReadAsync(options.BaseJson, "", cancellationToken);
        options = options with { Closure = await Task.Run(() => OpenClosure(options, givenJson, cancellationToken), cancellationToken) };
        var reuse = await RunReuse.BeginAsync(options, outFile is not null, session);
        if (reuse is not null) session.Clock.Record("inputs");

        var run = reuse?.TryTake() is { } stored
            ? await TakeAsync(stored, reuse, output, outFile, session)
            : await MakeAsync(options, reuse, output, outFile, session);
        output.Publish(givenJson ?? await BaseJson.ReadAsync(null, run.Architecture, cancellationToken), run.Report.Checksum);
        outFile?.Publish();
        session.Clock.Record("pack");
        return new()
        {
            Directory = options.OutputDirectory,
            DiffId = run.Report.DiffId.ToString(),
            Checksum = run.Report.Checksum,
            Size = run.Report.Size,
            Entries = run.Report.Entries,
            Whiteouts = run.Report.Whiteouts,
            Changes = run.Report.Changes,
            BaseImage = run.ImageName,
            ParentLayers = run.ParentLayers,
            Phases = session.Clock.Phases,
            Run = run.Guest with { OutFile = options.OutFile },
        };
    }

    // Without contents and without a closure file the run has no closure, so the host's Nix store is not read.
    private static LayerClosure? OpenClosure(OverlayRunOptions options, JsonObject? givenJson, CancellationToken cancellationToken)
    {
        if (options.ClosureFile is null && options.Contents.IsEmpty) return null;
        var closure = new LayerClosure(options.Contents, cancellationToken)
        {
            File = options.ClosureFile,
            Config = givenJson?["config"] as JsonObject,
        };
        closure.Open();
        return closure;
    }

    /// <summary>A run whose layer is in the hidden directory, ready to be published.</summary>
    private sealed record FinishedRun(ResultReport Report, GuestRun Guest, string? ImageName, string Architecture, int ParentLayers);

    private static async Task<FinishedRun> TakeAsync(StoredResult stored, RunReuse reuse, LayerDirectory output, OutputFile? outFile, Session session)
    {
        foreach (var (name, duration) in GuestPhases.None) session.Clock.Record(name, duration);
        var verified = reuse.VerifyAsync(session.CancellationToken);
        stored.CopyLayer(output.TarPath, session.CancellationToken);
        if (outFile is not null) stored.CopyOut(outFile.Staging, session.CancellationToken);
        await verified;
        session.Warn(stored.Report.Warnings);
        return new(
            stored.Report, stored.Report.GuestOf(reuse.HasNetwork), reuse.Base?.DisplayName, Architectures.Of(reuse.Base),
            reuse.Base?.DiffIds.Count ?? 0);
    }

    private static async Task<FinishedRun> MakeAsync(
        OverlayRunOptions options, RunReuse? reuse, LayerDirectory output, OutputFile? outFile, Session session)
    {
        var warnings = new WarningRecorder(session.Progress);
        session = session with { Progress = warnings };
        var made = await ReproducibilityCheck.MakeAsync(
            options.Check, part => GuestLayer.MakeAsync(options, reuse?.Inputs ?? new(options, part), part), made => made.Layer.Tree, session);
        session.Step(PackingStep);
        if (options.Closure is not null)
            await Task.Run(() => options.Closure.Complete(made.Layer.Tree, made.Parents.Merged, warnings), session.CancellationToken);
        var (diffId, checksum, size, closureEntries) = await Task.Run(
            () => Pack(made, options.Closure?.Files(), output, outFile, session), session.CancellationToken);
        if (made.Parents.Image is { } image) await image.VerifyAsync(null, session.CancellationToken);
        var (entries, whiteouts) = made.Layer.Count();
        var report = new ResultReport
        {
            DiffId = diffId,
            Checksum = checksum,
            Size = size,
            Entries = entries + closureEntries,
            Whiteouts = whiteouts,
            Changes = LayerChanges.Of(made.Layer.Tree, made.Parents.Image is null ? null : made.Parents.Merged).WithAdded(closureEntries),
            Accelerator = made.Run.Accelerator,
            Warnings = warnings.Warnings,
        };
        reuse?.Keep(report, output.TarPath, outFile?.Staging, session.CancellationToken);
        return new(report, made.Run, made.Parents.ImageName, made.Parents.Architecture, made.Parents.Disks.Count);
    }

    private static (Digest DiffId, string Checksum, long Size, int ClosureEntries) Pack(
        GuestLayer made, Closure? closure, LayerDirectory output, OutputFile? outFile, Session session)
    {
        var cancellationToken = session.CancellationToken;
        if (outFile is not null)
        {
            using var stream = outFile.Open();
            TarTreeWriter.Write(made.Out, stream, made.TarOptions, cancellationToken);
        }

        closure ??= Closure.None;
        using var layerTar = output.CreateTar(new StepMeter(PackingStep, ContentLength(made.Layer.Tree) + closure.ContentLength, session.Progress));
        FileTree Merge() => LayerStack.Merge([made.Parents.Merged, made.Upper], cancellationToken);
        var entries = LayerPacking.Write(layerTar, made.Layer.Tree, made.TarOptions, closure, Merge, cancellationToken);
        var (diffId, checksum) = layerTar.Complete();
        return (diffId, checksum, layerTar.Length, entries);
    }

    // For the progress bar. The tar is slightly larger, because of its headers.
    private static long ContentLength(FileTree tree) => tree.Walk().Sum(entry => entry.Node is RegularFileNode file ? file.Content.Length : 0);
}
