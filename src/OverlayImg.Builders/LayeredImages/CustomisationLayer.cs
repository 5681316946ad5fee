using OverlayImg.Closures.Layering;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Archives.Writing;
using OverlayImg.Images.BaseImages;
using OverlayImg.Images.Sessions;
using OverlayImg.Layers.Contents;
using OverlayImg.Layers.Guests;
using OverlayImg.Layers.LayerClosures;
using OverlayImg.Layers.Pure;
using OverlayImg.Sandbox.Errors;
using OverlayImg.Sandbox.Jobs;

namespace OverlayImg.Builders.LayeredImages;

/// <summary>
/// The layer that is made for one image alone: contents (symbolic links for files in the store) and ready contents, changed by the extra commands and
/// the commands that run as root. The session owns the layer's files.
/// </summary>
internal sealed class CustomisationLayer
{
    /// <summary>The files of the layer's tar.</summary>
    public required FileTree Tree { get; init; }

    /// <summary>The options for the layer's tar.</summary>
    public required TarWriterOptions TarOptions { get; init; }

    /// <summary>The run of the guest; null if no guest ran.</summary>
    public GuestRun? Run { get; private init; }

    /// <summary>Makes the layer, and runs its scripts.</summary>
    /// <exception cref="InputException">Contents do not exist, or a layer can't hold a file that the scripts left.</exception>
    /// <exception cref="MachineException">A file may not be read, the host has no space, or the guest can't run.</exception>
    /// <exception cref="ScriptException">A script failed.</exception>
    /// <exception cref="GuestTimeoutException">The guest or the script took too long.</exception>
    public static async Task<CustomisationLayer> MakeAsync(LayeredImageOptions options, LayerClosure? closure, BaseImage? baseImage, Session session)
    {
        var layer = await PureLayer.PrepareAsync(
            options.PureLayer(closure) with
            {
                // Layers of Debian packages need the files themselves, not links into the store.
                Contents = options.Files with { LinksIntoStore = options.Layering != LayeringStrategy.Dpkg },
                ContentsAreRootFileSystem = options.Layering == LayeringStrategy.Dpkg,
            }, ContentsBase.Of(baseImage, options.From, options.Files), session);
        session.Clock.Record("contents");
        var made = await RunAsync(options, layer, session);
        var runsScripts = options.ExtraCommands is not null || options.FakeRootCommands is not null;
        if (runsScripts && closure is not null)
            await Task.Run(() => closure.Complete(made.Tree, baseImage?.Merged, session.Progress), session.CancellationToken);
        return made;
    }

    private static async Task<CustomisationLayer> RunAsync(LayeredImageOptions options, PureLayer layer, Session session)
    {
        if (options.FakeRootCommands is null) return new() { Tree = layer.Tree, TarOptions = Packing(layer.TarOptions, options) };
        var job = Job(options, layer.Tree);
        var made = await GuestLayer.MakeAsync(job, new(job, session), session);
        return new() { Tree = made.Layer.Tree, TarOptions = Packing(made.TarOptions, options), Run = made.Run };
    }

    // dockerTools packs this layer with tar --numeric-owner, which leaves the names of users and groups empty.
    private static TarWriterOptions Packing(TarWriterOptions packing, LayeredImageOptions options) =>
        options.Output.Format == ArchiveFormat.DockerTools ? packing with { Uname = ByteString.Empty, Gname = ByteString.Empty } : packing;

    // The commands see the layer without the base image, as under fakeroot in nixpkgs.
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
