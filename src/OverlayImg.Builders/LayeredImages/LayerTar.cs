using OverlayImg.Closures.Layering;
using OverlayImg.FileSystems;
using OverlayImg.Images.Layers;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Builders.LayeredImages;

/// <summary>A new layer whose tar is made when it is read.</summary>
/// <param name="Tar">The tar.</param>
/// <param name="Names">What history calls its content: store paths.</param>
/// <param name="Explanation">What is in it, and why.</param>
/// <param name="NoticesChanges">Whether reading the tar fails when a file is not the one any more that it was when the tar was planned.</param>
internal sealed record LayerTar(FileContent Tar, IReadOnlyList<string> Names, LayerExplanation Explanation, bool NoticesChanges = false)
{
    private const string Step = "Hashing the new layers";

    /// <summary>Hashes the layers on all cores.</summary>
    /// <returns>A layer for each, in their order.</returns>
    /// <exception cref="InputException">A file changed.</exception>
    public static async Task<IReadOnlyList<Layer>> HashAsync(IReadOnlyList<LayerTar> layers, Session session)
    {
        var meter = session.Meter(Step, layers.Sum(layer => layer.Tar.Length));
        var blobs = new Layer[layers.Count];
        // The largest first: what is left at the end is small, and no core waits long for another.
        var largestFirst = Enumerable.Range(0, layers.Count).OrderByDescending(index => layers[index].Tar.Length);
        await Parallel.ForEachAsync(largestFirst, session.CancellationToken, (index, token) =>
        {
            blobs[index] = Layer.OfTar(layers[index].Tar, layers[index].NoticesChanges ? null : layers[index].Explanation.Reason, meter, token);
            return ValueTask.CompletedTask;
        });
        return blobs;
    }
}
