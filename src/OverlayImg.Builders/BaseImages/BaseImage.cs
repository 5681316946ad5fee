using OverlayImg.FileSystems;
using OverlayImg.Images;

namespace OverlayImg.Builders;

/// <summary>An image that a verb reads: its layers, open, and what a container would see of them.</summary>
/// <remarks>Content references of the trees are valid until this is disposed of.</remarks>
internal sealed class BaseImage : IDisposable
{
    private readonly ChosenImage _chosen;
    private readonly BaseLayers _layers;

    private BaseImage(ChosenImage chosen, BaseLayers layers, FileTree merged) => (_chosen, _layers, Merged) = (chosen, layers, merged);

    /// <summary>The archive or layout that it lies in, open.</summary>
    public ImageSource Source => _chosen.Source;

    /// <summary>The image: its names, its config and its layers as they are stored.</summary>
    public ArchiveImage Image => _chosen.Image;

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
    /// Opens an image: decompresses what is compressed, reads all headers. Hashing the layers begins, and goes on beside what follows.
    /// </summary>
    /// <exception cref="InputException">The archive is broken, or has no such image.</exception>
    /// <exception cref="MachineException">There is no space for what must be decompressed.</exception>
    public static Task<BaseImage> OpenAsync(
        BaseImageChoice choice, string cacheDirectory, ScratchDirectory scratch, IProgress<BuildEvent> progress, CancellationToken cancellationToken) =>
        OpenAsync(choice, null, cacheDirectory, scratch, progress, cancellationToken);

    /// <summary>
    /// As the first one, but takes the layers that <paramref name="other"/> has too from there: the same nodes then stand for the same files in
    /// both. The other image must be open as long as this one, and <see cref="VerifyAsync"/> of both be waited for.
    /// </summary>
    public static async Task<BaseImage> OpenAsync(BaseImageChoice choice, BaseImage? other, string cacheDirectory, ScratchDirectory scratch,
        IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        var chosen = await ChosenImage.OpenAsync(choice, cacheDirectory, scratch, progress, cancellationToken);
        if (chosen.SelectionWarning is { } warning) progress.Report(new Warning(warning));
        return await ReadAsync(chosen, other, scratch, progress, cancellationToken);
    }

    /// <summary>Reads the layers of an image that was chosen, which is this object's from here on.</summary>
    /// <exception cref="InputException">A layer is damaged.</exception>
    /// <exception cref="MachineException">There is no space for what must be decompressed.</exception>
    public static Task<BaseImage> ReadAsync(
        ChosenImage chosen, ScratchDirectory scratch, IProgress<BuildEvent> progress, CancellationToken cancellationToken) =>
        ReadAsync(chosen, null, scratch, progress, cancellationToken);

    /// <summary>
    /// Waits until every layer was read to its end and had the digest that the config says, or had it when the same file was read before. Nothing that was made from the image may be published
    /// before this succeeded.
    /// </summary>
    /// <param name="hashed">Is told of <see cref="LengthToVerify"/> bytes in all.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="InputException">A layer is not the one that the config means.</exception>
    public Task VerifyAsync(IProgress<int>? hashed, CancellationToken cancellationToken) => _layers.VerifyAsync(hashed, cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        _layers.Dispose();
        _chosen.Dispose();
    }

    private static async Task<BaseImage> ReadAsync(ChosenImage chosen, BaseImage? other, ScratchDirectory scratch,
        IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        BaseLayers? layers = null;
        try
        {
            layers = await BaseLayers.OpenAsync(chosen.Image.Layers, chosen.Verified, other?._layers, scratch, cancellationToken);
            foreach (var text in layers.Warnings) progress.Report(new Warning(text));
            return new(chosen, layers, LayerStack.Merge([.. layers.Trees.Select(layer => layer.Tree)], cancellationToken));
        }
        catch
        {
            layers?.Dispose();
            chosen.Dispose();
            throw;
        }
    }
}
