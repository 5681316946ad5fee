using OverlayImg.FileSystems;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Overlay;
using OverlayImg.Images.Sessions;
using OverlayImg.Images.Sources;

namespace OverlayImg.Images.BaseImages;

/// <summary>An image that a verb reads: its layers, open, and what a container would see of them.</summary>
/// <remarks>Content references of the trees are valid as long as the session that opened the image.</remarks>
internal sealed class BaseImage
{
    private readonly ChosenImage _chosen;
    private readonly BaseLayers _layers;

    private BaseImage(ChosenImage chosen, BaseLayers layers, FileTree merged) => (_chosen, _layers, Merged) = (chosen, layers, merged);

    /// <summary>The archive or layout that it lies in, open.</summary>
    public ImageSource Source => _chosen.Source;

    /// <summary>The image: its names, its config and its layers as they are stored.</summary>
    public Image Image => _chosen.Image;

    /// <summary>
    /// The layers, bottom first. One that the image lists twice is one tree, unless it takes different things from below.
    /// </summary>
    public IReadOnlyList<LayerTree> Layers => _layers.Trees;

    /// <summary>The layers merged: no whiteouts in it.</summary>
    public FileTree Merged { get; }

    /// <summary>
    /// Bytes that <see cref="VerifyAsync"/> reports: of the distinct layers' uncompressed tars, without those of another image and those that are known.
    /// </summary>
    public long LengthToVerify => _layers.LengthToVerify;

    /// <summary>
    /// Opens an image: decompresses what is compressed, reads all headers. Hashing the layers begins, and goes on beside what follows. The session owns the image.
    /// </summary>
    /// <param name="choice">The image.</param>
    /// <param name="session">The operation.</param>
    /// <param name="other">
    /// An image that is open: layers that both images have are taken from it, so that the same nodes stand for the same files in both. <see cref="VerifyAsync"/> of
    /// both must be waited for. Null for none.
    /// </param>
    /// <exception cref="InputException">The archive is broken, or has no such image.</exception>
    /// <exception cref="MachineException">There is no space for what must be decompressed.</exception>
    public static async Task<BaseImage> OpenAsync(BaseImageChoice choice, Session session, BaseImage? other = null)
    {
        var chosen = await ChosenImage.OpenAsync(choice, session);
        if (chosen.SelectionWarning is { } warning) session.Warn(warning);
        return await ReadAsync(chosen, session, other);
    }

    /// <summary>Reads the layers of an image that was chosen.</summary>
    /// <exception cref="InputException">A layer is damaged.</exception>
    /// <exception cref="MachineException">There is no space for what must be decompressed.</exception>
    public static async Task<BaseImage> ReadAsync(ChosenImage chosen, Session session, BaseImage? other = null)
    {
        var layers = await BaseLayers.OpenAsync(chosen.Image.Layers, chosen.Verified, other?._layers, session);
        session.Warn(layers.Warnings);
        return new(chosen, layers, LayerStack.Merge([.. layers.Trees.Select(layer => layer.Tree)], session.CancellationToken));
    }

    /// <summary>
    /// Waits until every layer was read to its end and had the digest that the config says, or had it when the same file was read before. Nothing that was made from the image may be published
    /// before this succeeded.
    /// </summary>
    /// <param name="hashed">Is told of <see cref="LengthToVerify"/> bytes in all.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="InputException">A layer is not the one that the config means.</exception>
    public Task VerifyAsync(IProgress<int>? hashed, CancellationToken cancellationToken) => _layers.VerifyAsync(hashed, cancellationToken);
}
