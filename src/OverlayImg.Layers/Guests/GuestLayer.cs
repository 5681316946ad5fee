using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.BaseImages;
using OverlayImg.Images.Overlay;
using OverlayImg.Images.Sessions;
using OverlayImg.Layers.Scripts;
using OverlayImg.Sandbox.Accelerators;
using OverlayImg.Sandbox.Errors;
using OverlayImg.Sandbox.Jobs;

namespace OverlayImg.Layers.Guests;

/// <summary>
/// A new layer that scripts made in a guest. Each parent layer becomes a tree and then an ext4 disk. The contents
/// become a tree and then the upper disk. The guest runs the scripts. The upper disk becomes a tree and then a layer
/// with whiteouts. Content of files is read from the upper disk, which the session keeps open.
/// </summary>
internal sealed class GuestLayer
{
    private GuestLayer()
    {
    }

    /// <summary>The layer, with whiteouts, as it is packed.</summary>
    public required NewLayer Layer { get; init; }

    /// <summary>The same layer as the guest left it on the upper disk, in overlayfs form.</summary>
    public required FileTree Upper { get; init; }

    /// <summary>The files that hooks left in the directory <c>out</c> of the upper disk.</summary>
    public required FileTree Out { get; init; }

    /// <summary>Options for packing the layer.</summary>
    public required TarWriterOptions TarOptions { get; init; }

    /// <summary>How the guest ran.</summary>
    public required GuestRun Run { get; init; }

    /// <summary>The parent layers. They must be verified before the layer is published (<see cref="BaseImage.VerifyAsync"/>).</summary>
    public required ParentLayers Parents { get; init; }

    /// <summary>Runs the scripts. The guest has ended when the method returns.</summary>
    /// <exception cref="InputException">The base image, the contents or the result of the scripts can't become a layer.</exception>
    /// <exception cref="MachineException">The guest can't run on this machine, or the disk has no space.</exception>
    /// <exception cref="ScriptException">A script failed.</exception>
    /// <exception cref="GuestTimeoutException">The guest or the scripts took too long.</exception>
    public static async Task<GuestLayer> MakeAsync(GuestLayerOptions options, RunInputs inputs, Session session)
    {
        // The guest boots while its disks are written. A failed boot cancels the writing.
        await using var boot = GuestBoot.Begin(options.Guest, OverlayName.Of(options, inputs), session);
        var parents = await boot.DuringAsync(session, part => ParentLayers.PrepareAsync(inputs, part));
        session.Clock.Record("parents");
        var disks = await boot.DuringAsync(session, part => Task.Run(() => JobDisks.Write(options, inputs, parents, part), part.CancellationToken));
        using var caches = await boot.DuringAsync(
            session, part => Task.Run(() => CacheMountDisks.Copy(options.Guest.CacheMounts, part), part.CancellationToken));
        session.Clock.Record("contents");
        session.Step("Waiting for the guest to start");
        var guest = await boot.ReadyAsync();

        // Several steps are reported one by one.
        if (options.Scripts.Shell is not null) session.Step("Opening a root shell in the guest: 'exit' packs its changes into the layer");
        else if ((options.Scripts.Part?.Count ?? options.Scripts.Steps.Count) < 2) session.Step("Running the scripts in the guest");
        session.Warn(options.Scripts.All.Select(script => script.LineEndsWarning).OfType<string>());
        var job = JobDisks.Job(options, parents, disks, session) with { Caches = caches.Mounts };
        var reports = new StepReports(options.Scripts, new GuestBoot.GuestReports(session.Progress), session);
        var result = await caches.DuringAsync(
            () => guest.RunAsync(job, new ScriptOutputStream(session.Progress), reports, session.CancellationToken));
        foreach (var (name, duration) in GuestPhases.Of(guest.TimeToReady, result)) session.Clock.Record(name, duration);
        session.Clock.Begin(result.ResultAt);
        var run = new GuestRun(
            guest.Accelerator.Name(), guest.IsWarm ? GuestStart.Warm : GuestStart.Cold, guest.IsMounted, options.Guest.Network, null)
        {
            TcgWasChosen = options.Guest.Accelerator is AcceleratorChoice.Tcg,
            HasCacheMounts = options.Guest.CacheMounts.Count > 0,
            // The time of an interactive shell is the user's.
            ScriptTime = options.Scripts.Shell is null ? GuestPhases.ScriptTime(result) : TimeSpan.Zero,
        };
        return await Task.Run(() => Read(options, parents, disks.Upper, run, session), session.CancellationToken);
    }

    private static TarWriterOptions TarOptionsOf(GuestLayerOptions options) =>
        new()
        {
            MTime = options.FileTime,
            HardLinks = TarHardLinks.Preserve,
            Xattrs = options.KeepExtendedAttributes,
            MaximumSize = options.MaximumSize,
        };

    private static GuestLayer Read(GuestLayerOptions options, ParentLayers parents, string upperDisk, GuestRun run, Session session)
    {
        var disk = UpperDisk.Read(session.Own(ByteSource.Open(upperDisk)), session.CancellationToken);
        var layer = UpperDiff.Compute(disk.Layer, parents.Merged, session.CancellationToken);
        session.Warn(layer.Warnings);
        return new()
        {
            Layer = layer,
            Upper = disk.Layer,
            Out = disk.Out,
            Parents = parents,
            TarOptions = TarOptionsOf(options),
            Run = run,
        };
    }
}
