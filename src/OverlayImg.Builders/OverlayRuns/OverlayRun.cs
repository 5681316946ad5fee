using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images;
using OverlayImg.Sandbox;

namespace OverlayImg.Builders;

/// <summary>
/// dockerTools' runWithOverlay, and mkRootLayer, which is a run with a script in the image's root: each parent layer → tree → ext4 disk;
/// contents → tree → upper disk; the guest runs the scripts; upper disk → tree → whiteouts → tar.
/// </summary>
public static class OverlayRun
{
    private const string PackingStep = "Packing the new layer";

    /// <summary>Runs, and writes the layer directory.</summary>
    /// <exception cref="InputException">The base image, the contents or what the scripts left can't be a layer.</exception>
    /// <exception cref="MachineException">The guest can't be run here, or the host has no space.</exception>
    /// <exception cref="ScriptException">A script failed.</exception>
    /// <exception cref="GuestTimeoutException">The guest or the scripts took too long.</exception>
    public static async Task<LayerResult> RunAsync(OverlayRunOptions options, IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        var clock = new PhaseClock();
        using var output = LayerDirectory.Prepare(options.OutputDirectory);
        using var outFile = options.OutFile is null ? null : OutputFile.Prepare(options.OutFile);
        using var scratch = ScratchDirectory.Create(Path.Combine(options.CacheDirectory, "tmp"));

        // The guest boots while its disks are being written; if it can't boot, there is no use in writing them.
        await using var boot = GuestBoot.Begin(options, scratch, progress, cancellationToken);
        using var parents = await boot.DuringAsync(token => ParentLayers.PrepareAsync(options.From, scratch, progress, token));
        clock.Record("parents");
        var baseJson = await BaseJson.ReadAsync(options.BaseJson, parents.Architecture, cancellationToken);
        var disks = await boot.DuringAsync(token => Task.Run(() => JobDisks.Write(options, parents, scratch, progress, token), token));
        clock.Record("contents");
        progress.Report(new StepStarted("Waiting for the guest to start"));
        var guest = await boot.ReadyAsync();
        clock.Record("boot");

        progress.Report(new StepStarted("Running the scripts in the guest"));
        var result = await guest.RunAsync(JobDisks.Job(options, parents, disks), new ScriptOutputStream(progress), null, cancellationToken);
        clock.Record("plug", result.PluggingTime);
        foreach (var phase in result.Phases) clock.Record(phase.Name, phase.Duration);

        progress.Report(new StepStarted(PackingStep));
        using var upperDisk = ByteSource.Open(disks.Upper);
        var packed = await Task.Run(() => Pack(upperDisk, parents.Merged, options, output, outFile, progress, cancellationToken), cancellationToken);
        output.Publish(baseJson, packed.Checksum);
        outFile?.Publish();
        clock.Record("pack");
        return new()
        {
            Directory = options.OutputDirectory,
            DiffId = packed.DiffId,
            Checksum = packed.Checksum,
            Size = packed.Size,
            Entries = packed.Entries,
            Whiteouts = packed.Whiteouts,
            BaseImage = parents.ImageName,
            ParentLayers = parents.Disks.Count,
            Phases = clock.Phases,
            Run = new(guest.Accelerator.Name(), options.Guest.Network, options.OutFile),
        };
    }

    private static PackedLayer Pack(ByteSource upperDisk, FileTree mergedBase, OverlayRunOptions options, LayerDirectory output, OutputFile? outFile,
        IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        var disk = UpperDisk.Read(upperDisk, cancellationToken);
        var layer = UpperDiff.Compute(disk.Layer, mergedBase, cancellationToken);
        foreach (var warning in layer.Warnings) progress.Report(new Warning(warning));
        var tar = new TarWriterOptions { MTime = options.FileTime, HardLinks = TarHardLinks.Preserve, Xattrs = options.KeepExtendedAttributes };
        if (outFile is not null)
        {
            using var stream = outFile.Open();
            TarTreeWriter.Write(disk.Out, stream, tar, cancellationToken);
        }

        using var layerTar = output.CreateTar(new StepMeter(PackingStep, ContentLength(layer.Tree), progress));
        TarTreeWriter.Write(layer.Tree, layerTar, tar, cancellationToken);
        var (diffId, checksum) = layerTar.Complete();
        var (entries, whiteouts) = layer.Count();
        return new(diffId, checksum, layerTar.Length, entries, whiteouts);
    }

    // Nearly the size of the tar: its headers are small beside what is worth watching.
    private static long ContentLength(FileTree tree) => tree.Walk().Sum(entry => entry.Node is RegularFileNode file ? file.Content.Length : 0);

    private sealed record PackedLayer(string DiffId, string Checksum, long Size, int Entries, int Whiteouts);
}
