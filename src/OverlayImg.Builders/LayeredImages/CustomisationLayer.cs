using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images;
using OverlayImg.Sandbox;

namespace OverlayImg.Builders;

/// <summary>
/// The layer that is made for one image alone (spec dockertools, 1.13): contents, links where they lie in the store; ready contents; what the extra
/// commands made of them, and the commands that run as root. Its content is there until this is disposed of.
/// </summary>
internal sealed class CustomisationLayer : IDisposable
{
    private readonly IDisposable[] _owned;

    private CustomisationLayer(params IDisposable[] owned) => _owned = owned;

    /// <summary>The layer as its tar is to have it.</summary>
    public required FileTree Tree { get; init; }

    /// <summary>How it is packed.</summary>
    public required TarWriterOptions TarOptions { get; init; }

    /// <summary>What is worth telling of the guest; null without one.</summary>
    public GuestRun? Run { get; private init; }

    /// <summary>Makes it.</summary>
    /// <exception cref="InputException">Contents do not exist, or the scripts left what can't be in a layer.</exception>
    /// <exception cref="MachineException">Something may not be read, there is no space, or the guest can't be run here.</exception>
    /// <exception cref="ScriptException">A script failed.</exception>
    /// <exception cref="GuestTimeoutException">The guest or the script took too long.</exception>
    public static async Task<CustomisationLayer> MakeAsync(LayeredImageOptions options, LayerClosure? closure, FileTree? mergedBase, ScratchDirectory scratch,
        PhaseClock clock, IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        var layer = await PureLayer.PrepareAsync(
            new()
            {
                // A package is no store path: its files themselves are divided.
                Contents = options.Contents with { LinksIntoStore = options.Layering != LayeringStrategy.Dpkg },
                Closure = closure,
                ExtraCommands = options.ExtraCommands,
                Ready = options.Ready,
                ContentsAreRootFileSystem = options.Layering == LayeringStrategy.Dpkg,
                Dialect = options.Dialect,
                Uid = options.Uid,
                Gid = options.Gid,
                KeepExtendedAttributes = options.KeepExtendedAttributes,
                FileTime = options.FileTime,
                MaximumSize = options.MaximumSize,
            }, mergedBase, scratch, progress, cancellationToken);
        clock.Record("contents");
        try
        {
            var made = await RunAsync(options, layer, scratch, clock, progress, cancellationToken);
            var runsScripts = options.ExtraCommands is not null || options.FakeRootCommands is not null;
            if (runsScripts && closure is not null) await Task.Run(() => closure.Complete(made.Tree, mergedBase, progress), cancellationToken);
            return made;
        }
        catch
        {
            layer.Dispose();
            throw;
        }
    }

    private static async Task<CustomisationLayer> RunAsync(LayeredImageOptions options, PureLayer layer, ScratchDirectory scratch, PhaseClock clock,
        IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        if (options.FakeRootCommands is null) return new(layer) { Tree = layer.Tree, TarOptions = Packing(layer.TarOptions, options) };
        var made = await GuestLayer.MakeAsync(Job(options, layer.Tree), null, scratch, clock, progress, cancellationToken);
        return new(made, layer) { Tree = made.Layer.Tree, TarOptions = Packing(made.TarOptions, options), Run = made.Run };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var owned in _owned) owned.Dispose();
    }

    // As the seeds' tar --numeric-owner in their format.
    private static TarWriterOptions Packing(TarWriterOptions packing, LayeredImageOptions options) =>
        options.Output.Format == ArchiveFormat.DockerTools ? packing with { Uname = ByteString.Empty, Gname = ByteString.Empty } : packing;

    // The commands see the layer alone, as under nixpkgs' fakeroot, without the base.
    private static GuestLayerOptions Job(LayeredImageOptions options, FileTree tree) => new()
    {
        Tree = tree,
        Scripts = new() { FakeRootCommands = options.FakeRootCommands },
        Guest = options.Guest,
        KeepExtendedAttributes = options.KeepExtendedAttributes,
        FileTime = options.FileTime,
        MaximumSize = options.MaximumSize,
        CacheDirectory = options.CacheDirectory,
        CacheLimit = options.CacheLimit,
    };
}
