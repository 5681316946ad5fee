using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.BaseImages;
using OverlayImg.Images.Overlay;
using OverlayImg.Images.Sessions;
using OverlayImg.Layers.Contents;
using OverlayImg.Layers.Guests;
using OverlayImg.Layers.LayerClosures;
using OverlayImg.Layers.Pure;

namespace OverlayImg.Builders.ImageBuilds;

/// <summary>
/// The new layer of an image before it is packed, and its base image. The layer comes from files of the host, or from scripts in a guest.
/// </summary>
internal sealed class ImageLayer
{
    /// <summary>The base image; null if the image has none.</summary>
    public BaseImage? Base { get; private init; }

    /// <summary>The files of the layer's tar, whiteouts included.</summary>
    public required FileTree Tree { get; init; }

    /// <summary>The options for the layer's tar.</summary>
    public required TarWriterOptions TarOptions { get; init; }

    /// <summary>The file system that a container sees: the base image with the layer on top.</summary>
    public required FileTree Merged { get; init; }

    /// <summary>The run of the guest; null if no guest ran.</summary>
    public GuestRun? Run { get; private init; }

    /// <summary>Makes the layer from files of the host. The session owns the files.</summary>
    public static async Task<ImageLayer> PurelyAsync(ImageBuildOptions options, LayerClosure closure, Session session)
    {
        var baseImage = options.From is null ? null : await BaseImage.OpenAsync(options.From, session);
        session.Clock.Record("base");
        var layer = await PureLayer.PrepareAsync(options.PureLayer(closure), ContentsBase.Of(baseImage, options.From, options.Files), session);
        session.Clock.Record("contents");
        return new()
        {
            Base = baseImage,
            Tree = layer.Tree,
            TarOptions = layer.TarOptions,
            Merged = baseImage is null ? layer.Tree : LayerStack.Merge([baseImage.Merged, layer.Tree], session.CancellationToken),
        };
    }

    /// <summary>Makes the layer by scripts in a guest. The session owns the disk with the layer's files.</summary>
    /// <param name="options">The run.</param>
    /// <param name="inputs">The inputs of the guest, if they were opened before; else null.</param>
    /// <param name="session">The operation.</param>
    public static async Task<ImageLayer> InGuestAsync(GuestLayerOptions options, RunInputs? inputs, Session session)
    {
        var made = await GuestLayer.MakeAsync(options, inputs ?? new(options, session), session);
        return new()
        {
            Base = made.Parents.Image,
            Tree = made.Layer.Tree,
            TarOptions = made.TarOptions,
            Merged = LayerStack.Merge([made.Parents.Merged, made.Upper], session.CancellationToken),
            Run = made.Run,
        };
    }
}
