using OverlayImg.Closures.Layering;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Archives.Writing;
using OverlayImg.Images.Sessions;
using OverlayImg.Layers.Guests;
using OverlayImg.Layers.LayerClosures;
using OverlayImg.Layers.Pure;
using OverlayImg.Sandbox.Errors;
using OverlayImg.Sandbox.Jobs;

namespace OverlayImg.Builders.LayeredImages;

/// <summary>
/// The layer that is made for one image alone (spec dockertools, 1.13): contents, links where they lie in the store; ready contents; what the extra
/// commands made of them, and the commands that run as root. Its content is there as long as the session.
/// </summary>
internal sealed class CustomisationLayer
{
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
    public static async Task<CustomisationLayer> MakeAsync(LayeredImageOptions options, LayerClosure? closure, FileTree? mergedBase, Session session)
    {
        var layer = await PureLayer.PrepareAsync(
            options.PureLayer(closure) with
            {
                // A package is no store path: its files themselves are divided.
                Contents = options.Contents with { LinksIntoStore = options.Layering != LayeringStrategy.Dpkg },
                ContentsAreRootFileSystem = options.Layering == LayeringStrategy.Dpkg,
            }, mergedBase, session);
        session.Clock.Record("contents");
        var made = await RunAsync(options, layer, session);
        var runsScripts = options.ExtraCommands is not null || options.FakeRootCommands is not null;
        if (runsScripts && closure is not null)
            await Task.Run(() => closure.Complete(made.Tree, mergedBase, session.Progress), session.CancellationToken);
        return made;
    }

    private static async Task<CustomisationLayer> RunAsync(LayeredImageOptions options, PureLayer layer, Session session)
    {
        if (options.FakeRootCommands is null) return new() { Tree = layer.Tree, TarOptions = Packing(layer.TarOptions, options) };
        var job = Job(options, layer.Tree);
        var made = await GuestLayer.MakeAsync(job, new(job, session), session);
        return new() { Tree = made.Layer.Tree, TarOptions = Packing(made.TarOptions, options), Run = made.Run };
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
    };
}
