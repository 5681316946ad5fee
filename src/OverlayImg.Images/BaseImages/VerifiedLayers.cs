using OverlayImg.Caching;
using OverlayImg.Images.Layers;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Images.BaseImages;

/// <summary>
/// Which layers of an archive or a layout were found to be what its config says when the same file was read before: they are not hashed again as long as it is the same
/// (<see cref="FileMemory"/> says why that is enough).
/// </summary>
internal sealed class VerifiedLayers
{
    private readonly FileMemory? _memory;
    private readonly Lazy<HashSet<string>> _known;

    private VerifiedLayers(FileMemory? memory)
    {
        _memory = memory;
        // Not before the archive is open: only then is it sure to be the file that is remembered.
        _known = new(() => [.. memory?.Recall()?.Split('\n', StringSplitOptions.RemoveEmptyEntries) ?? []]);
    }

    /// <summary>Those of the source as it is now: to be asked for before it is opened. None where it comes from standard input.</summary>
    public static VerifiedLayers Of(BaseImageChoice choice, Session session) =>
        new(ImageMemory.Of(choice.Location, ["verified layers"], session.Cache, session.Time));

    /// <summary>Whether the layer is one of them, stored at the same place.</summary>
    public bool Contains(Layer layer) => _known.Value.Contains(Text(layer));

    /// <summary>Remembers layers that were verified.</summary>
    public void Add(IEnumerable<Layer> layers)
    {
        var known = _known.Value;
        var count = known.Count;
        foreach (var layer in layers) known.Add(Text(layer));
        if (known.Count > count) _memory?.Remember(string.Join('\n', known.Order(StringComparer.Ordinal)));
    }

    // The same bytes may be meant to be several things: what they should be is a part of what was found out.
    private static string Text(Layer layer) => $"{layer.StoredOffset}+{layer.StoredLength} {layer.DiffId} {layer.BlobDigest}";
}
