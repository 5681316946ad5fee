using OverlayImg.Closures.Layering;
using OverlayImg.FileSystems;
using OverlayImg.Images.Layers;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Builders.LayeredImages;

/// <summary>A new layer whose tar is generated each time it is read.</summary>
/// <param name="Tar">The bytes of the tar.</param>
/// <param name="Names">The store paths that the history lists for the layer.</param>
/// <param name="Explanation">The contents of the layer, and the reason for them.</param>
/// <param name="NoticesChanges">Whether reading the tar fails if a file has changed since the tar was planned.</param>
internal sealed record LayerTar(FileContent Tar, IReadOnlyList<string> Names, LayerExplanation Explanation, bool NoticesChanges = false)
{
    private const string Step = "Hashing the new layers";

    /// <summary>Hashes the layers on all cores.</summary>
    /// <returns>The hashed layers, in the order of <paramref name="layers"/>.</returns>
    /// <exception cref="InputException">A file of a layer changed.</exception>
    public static async Task<IReadOnlyList<Layer>> HashAsync(IReadOnlyList<LayerTar> layers, Session session)
    {
        var meter = session.Meter(Step, layers.Sum(layer => layer.Tar.Length));
        var blobs = new Layer[layers.Count];
        // The largest layers come first, so that cores finish at about the same time.
        var largestFirst = Enumerable.Range(0, layers.Count).OrderByDescending(index => layers[index].Tar.Length);
        await Parallel.ForEachAsync(largestFirst, session.CancellationToken, (index, token) =>
        {
            blobs[index] = Layer.OfTar(layers[index].Tar, layers[index].NoticesChanges ? null : layers[index].Explanation.Reason, meter, token);
            return ValueTask.CompletedTask;
        });
        return blobs;
    }
}
