using OverlayImg.Closures.Layering;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;

namespace OverlayImg.Builders.LayeredImages;

/// <summary>Makes the tars of several layers of store paths.</summary>
/// <param name="above">The directories that lead to the store, such as <c>nix</c> and <c>nix/store</c>.</param>
/// <param name="packing">The options for the tars.</param>
internal sealed class StoreLayerTars(IEnumerable<ByteString> above, TarWriterOptions packing)
{
    private readonly ByteString[] _above = [.. above];

    /// <summary>Reads names and metadata of the layers' files, on all cores.</summary>
    /// <exception cref="InputException">A store path does not exist, or a layer can't hold one of its files.</exception>
    /// <exception cref="MachineException">A file may not be read.</exception>
    public async Task<LayerTar[]> ReadAsync(IReadOnlyList<StoreLayer> layers, CancellationToken cancellationToken)
    {
        var tars = new LayerTar[layers.Count];
        await Parallel.ForAsync(0, layers.Count, cancellationToken, (index, token) =>
        {
            var paths = layers[index].Paths.Select(placed => placed.Path);
            tars[index] = new(
                StoreLayerTar.Of(_above, paths, packing, token), [.. paths.Select(path => path.ToString())], layers[index].Explanation,
                NoticesChanges: true);
            return ValueTask.CompletedTask;
        });
        return tars;
    }
}
