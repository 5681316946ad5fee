using OverlayImg.FileSystems;
using OverlayImg.Images.Layers;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.Overlay;
using OverlayImg.Images.Sessions;
using OverlayImg.Images.Settings;
using OverlayImg.Images.Sources;

namespace OverlayImg.Images.BaseImages;

/// <summary>An image whose layers are read: the tree of each layer, and the merged tree that a container would see.</summary>
/// <remarks>Content references in the trees are valid until the session that opened the image ends.</remarks>
internal sealed class BaseImage
{
    private readonly ChosenImage _chosen;
    private readonly BaseLayers _layers;

    private BaseImage(ChosenImage chosen, BaseLayers layers, FileTree merged) => (_chosen, _layers, Merged) = (chosen, layers, merged);

    /// <summary>The open archive or layout that holds the image; null for an image that this operation has made.</summary>
    public ImageSource? Source => _chosen.Source;

    /// <summary>The names, the config and the stored layers of the image.</summary>
    public Image Image => _chosen.Image;

    /// <summary>
    /// The layers, bottom first. A layer that the image lists twice is one tree, unless it depends on different lower layers.
    /// </summary>
    public IReadOnlyList<LayerTree> Layers => _layers.Trees;

    /// <summary>The merged layers, without whiteouts.</summary>
    public FileTree Merged { get; }

    /// <summary>
    /// Number of bytes that <see cref="VerifyAsync"/> reports: the uncompressed tars of the distinct layers, except layers
    /// that the other image verifies and layers that are already verified.
    /// </summary>
    public long LengthToVerify => _layers.LengthToVerify;

    /// <summary>
    /// Opens an image: decompresses its layers, reads all tar headers, and starts to hash the layers in the background.
    /// The session owns the image.
    /// </summary>
    /// <param name="other">
    /// An open image, or null. Common layers are taken from it, so that the same nodes stand for the same files in both
    /// images. <see cref="VerifyAsync"/> of both images must be awaited.
    /// </param>
    /// <exception cref="InputException">The archive is broken, or has no such image.</exception>
    /// <exception cref="MachineException">The decompressed layers need more space.</exception>
    public static async Task<BaseImage> OpenAsync(ImageChoice choice, Session session, BaseImage? other = null)
    {
        var chosen = await ChosenImage.OpenAsync(choice, session);
        if (chosen.SelectionWarning is { } warning) session.Warn(warning, ImageSetting.Name, ImageSetting.Tag);
        return await ReadAsync(chosen, session, other);
    }

    /// <summary>Reads the layers of a selected image.</summary>
    /// <exception cref="InputException">A layer is damaged.</exception>
    /// <exception cref="MachineException">The decompressed layers need more space.</exception>
    public static async Task<BaseImage> ReadAsync(ChosenImage chosen, Session session, BaseImage? other = null)
    {
        var layers = await BaseLayers.OpenAsync(chosen.Image.Layers, chosen.Verified, other?._layers, session);
        session.Warn(layers.Warnings);
        return new(chosen, layers, LayerStack.Merge([.. layers.Trees.Select(layer => layer.Tree)], session.CancellationToken));
    }

    /// <summary>Returns the image with a new layer on top. The layers of this image are not hashed again.</summary>
    /// <param name="below">The image below the layer; null for none.</param>
    /// <param name="config">The config of the new image.</param>
    /// <param name="layer">The new layer, whose digest is known.</param>
    public static ChosenImage WithLayer(BaseImage? below, ImageConfig config, Layer layer) =>
        new(null, new(below?.Image.References ?? [], config, [.. below?.Image.Layers ?? [], layer]),
            below?._chosen.Verified ?? VerifiedLayers.None, null);

    /// <summary>
    /// Waits until the digest of every layer is compared with the config. Layers of an unchanged file that were verified
    /// before are not hashed again. No output made from the image may be published before this method succeeds.
    /// </summary>
    /// <param name="hashed">Receives counts of hashed bytes, <see cref="LengthToVerify"/> in total; null for no progress.</param>
    /// <exception cref="InputException">The digest of a layer differs from the config's diff ID.</exception>
    public Task VerifyAsync(IProgress<int>? hashed, CancellationToken cancellationToken) => _layers.VerifyAsync(hashed, cancellationToken);
}
