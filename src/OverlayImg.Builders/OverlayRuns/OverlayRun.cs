using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Sandbox;

namespace OverlayImg.Builders;

/// <summary>dockerTools' runWithOverlay, and mkRootLayer, which is a run with a script in the image's root.</summary>
public static class OverlayRun
{
    private const string PackingStep = "Packing the new layer";

    /// <summary>Runs, and writes the layer directory.</summary>
    /// <exception cref="InputException">The base image, the contents or what the scripts left can't be a layer.</exception>
    /// <exception cref="MachineException">The guest can't be run here, or the host has no space.</exception>
    /// <exception cref="ScriptException">A script failed.</exception>
    /// <exception cref="GuestTimeoutException">The guest or the scripts took too long.</exception>
    /// <exception cref="IrreproducibleException">A check was wanted, and the scripts do not leave the same twice.</exception>
    public static async Task<LayerResult> RunAsync(OverlayRunOptions options, IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        var clock = new PhaseClock();
        using var output = LayerDirectory.Prepare(options.OutputDirectory);
        using var outFile = options.OutFile is null ? null : OutputFile.Prepare(options.OutFile);
        using var scratch = ScratchDirectory.Create(Path.Combine(options.CacheDirectory, "tmp"));
        // What the user gave is refused before the scripts run, not after.
        var givenJson = options.BaseJson is null ? null : await BaseJson.ReadAsync(options.BaseJson, "", cancellationToken);
        using var made = await ReproducibilityCheck.MakeAsync(
            options.Check, (clock, progress, token) => GuestLayer.MakeAsync(options, scratch, clock, progress, token), made => made.Layer.Tree,
            clock, progress, cancellationToken);
        var baseJson = givenJson ?? await BaseJson.ReadAsync(null, made.Parents.Architecture, cancellationToken);

        progress.Report(new StepStarted(PackingStep));
        var (diffId, checksum, size) = await Task.Run(() => Pack(made, output, outFile, progress, cancellationToken), cancellationToken);
        if (made.Parents.Image is { } image) await image.VerifyAsync(null, cancellationToken);
        output.Publish(baseJson, checksum);
        outFile?.Publish();
        clock.Record("pack");
        var (entries, whiteouts) = made.Layer.Count();
        return new()
        {
            Directory = options.OutputDirectory,
            DiffId = diffId,
            Checksum = checksum,
            Size = size,
            Entries = entries,
            Whiteouts = whiteouts,
            BaseImage = made.Parents.ImageName,
            ParentLayers = made.Parents.Disks.Count,
            Phases = clock.Phases,
            Run = made.Run with { OutFile = options.OutFile },
        };
    }

    private static (string DiffId, string Checksum, long Size) Pack(
        GuestLayer made, LayerDirectory output, OutputFile? outFile, IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        if (outFile is not null)
        {
            using var stream = outFile.Open();
            TarTreeWriter.Write(made.Out, stream, made.TarOptions, cancellationToken);
        }

        using var layerTar = output.CreateTar(new StepMeter(PackingStep, ContentLength(made.Layer.Tree), progress));
        TarTreeWriter.Write(made.Layer.Tree, layerTar, made.TarOptions, cancellationToken);
        var (diffId, checksum) = layerTar.Complete();
        return (diffId.ToString(), checksum, layerTar.Length);
    }

    // Nearly the size of the tar: its headers are small beside what is worth watching.
    private static long ContentLength(FileTree tree) => tree.Walk().Sum(entry => entry.Node is RegularFileNode file ? file.Content.Length : 0);
}
