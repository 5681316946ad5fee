using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images;
using OverlayImg.Sandbox;

namespace OverlayImg.Builders;

/// <summary>
/// A new layer that scripts made in a guest: each parent layer → tree → ext4 disk; contents → tree → upper disk; the guest runs the scripts;
/// upper disk → tree → whiteouts. Its content is read from the upper disk, until it is disposed of.
/// </summary>
internal sealed class GuestLayer : IDisposable
{
    private readonly RunInputs _inputs;
    private readonly ParentLayers _parents;
    private readonly ByteSource _disk;

    private GuestLayer(RunInputs inputs, ParentLayers parents, ByteSource disk) => (_inputs, _parents, _disk) = (inputs, parents, disk);

    /// <summary>The layer as its tar is to have it.</summary>
    public required NewLayer Layer { get; init; }

    /// <summary>The same in overlay form.</summary>
    public required FileTree Upper { get; init; }

    /// <summary>What hooks left to be brought out.</summary>
    public required FileTree Out { get; init; }

    /// <summary>How the layer is packed.</summary>
    public required TarWriterOptions TarOptions { get; init; }

    /// <summary>What is worth knowing of the guest.</summary>
    public required GuestRun Run { get; init; }

    /// <summary>The parent layers; whoever publishes the layer waits until they are verified (<see cref="BaseImage.VerifyAsync"/>).</summary>
    public ParentLayers Parents => _parents;

    /// <summary>Runs the scripts. The guest is gone when this returns.</summary>
    /// <param name="options">The run.</param>
    /// <param name="given">What goes in, as far as it was opened before, which is this object's from here on; null where nothing was.</param>
    /// <param name="scratch">For what is needed meanwhile.</param>
    /// <param name="clock">Takes the times.</param>
    /// <param name="progress">Is told how it goes.</param>
    /// <param name="cancellationToken">Ends the guest.</param>
    /// <exception cref="InputException">The base image, the contents or what the scripts left can't be a layer.</exception>
    /// <exception cref="MachineException">The guest can't be run here, or the host has no space.</exception>
    /// <exception cref="ScriptException">A script failed.</exception>
    /// <exception cref="GuestTimeoutException">The guest or the scripts took too long.</exception>
    public static async Task<GuestLayer> MakeAsync(GuestLayerOptions options, RunInputs? given, ScratchDirectory scratch, PhaseClock clock,
        IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        var inputs = given ?? new RunInputs(options, scratch, progress);
        try
        {
            return await RunAsync(options, inputs, scratch, clock, progress, cancellationToken);
        }
        catch
        {
            inputs.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _disk.Dispose();
        _parents.Dispose();
        _inputs.Dispose();
    }

    private static async Task<GuestLayer> RunAsync(GuestLayerOptions options, RunInputs inputs, ScratchDirectory scratch, PhaseClock clock,
        IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        // The guest boots while its disks are being written; if it can't boot, there is no use in writing them.
        await using var boot = GuestBoot.Begin(options, OverlayName.Of(options, inputs), scratch, progress, cancellationToken);
        var parents = await boot.DuringAsync(token => ParentLayers.PrepareAsync(inputs, new(options.CacheDirectory, options.CacheLimit), scratch, progress, token));
        try
        {
            clock.Record("parents");
            var disks = await boot.DuringAsync(token => Task.Run(() => JobDisks.Write(options, inputs, parents, scratch, progress, token), token));
            using var caches = await boot.DuringAsync(
                token => Task.Run(() => CacheMountDisks.Copy(options, scratch, progress, token), token));
            clock.Record("contents");
            progress.Report(new StepStarted("Waiting for the guest to start"));
            var guest = await boot.ReadyAsync();

            progress.Report(new StepStarted("Running the scripts in the guest"));
            var job = JobDisks.Job(options, parents, disks) with { Caches = caches.Mounts };
            var result = await caches.DuringAsync(
                () => guest.RunAsync(job, new ScriptOutputStream(progress), new GuestBoot.GuestReports(progress), cancellationToken));
            foreach (var (name, duration) in GuestPhases.Of(guest.TimeToReady, result)) clock.Record(name, duration);
            clock.Begin(result.ResultAt);
            var run = new GuestRun(guest.Accelerator.Name(), guest.IsWarm ? GuestStart.Warm : GuestStart.Cold, guest.IsMounted, options.Guest.Network, null)
            {
                TcgWasChosen = options.Guest.Accelerator is AcceleratorChoice.Tcg,
                HasCacheMounts = options.Guest.CacheMounts.Count > 0,
                ScriptTime = GuestPhases.ScriptTime(result),
            };
            return await Task.Run(() => Read(options, inputs, parents, disks.Upper, run, progress, cancellationToken), cancellationToken);
        }
        catch
        {
            parents.Dispose();
            throw;
        }
    }

    private static TarWriterOptions TarOptionsOf(GuestLayerOptions options) =>
        new()
        {
            MTime = options.FileTime,
            HardLinks = TarHardLinks.Preserve,
            Xattrs = options.KeepExtendedAttributes,
            MaximumSize = options.MaximumSize,
        };

    private static GuestLayer Read(GuestLayerOptions options, RunInputs inputs, ParentLayers parents, string upperDisk, GuestRun run,
        IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        var source = ByteSource.Open(upperDisk);
        try
        {
            var disk = UpperDisk.Read(source, cancellationToken);
            var layer = UpperDiff.Compute(disk.Layer, parents.Merged, cancellationToken);
            foreach (var warning in layer.Warnings) progress.Report(new Warning(warning));
            return new(inputs, parents, source)
            {
                Layer = layer,
                Upper = disk.Layer,
                Out = disk.Out,
                TarOptions = TarOptionsOf(options),
                Run = run,
            };
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }
}
