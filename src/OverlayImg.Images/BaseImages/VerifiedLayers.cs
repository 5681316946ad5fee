using OverlayImg.Caching;
using OverlayImg.Images.Layers;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Images.BaseImages;

/// <summary>
/// The layers of an archive or a layout whose digests were verified when the same files were read before. These layers
/// are not hashed again while the files are unchanged (see <see cref="FileMemory"/>).
/// </summary>
internal sealed class VerifiedLayers
{
    private readonly FileMemory? _memory;
    private readonly Lazy<HashSet<string>> _known;

    private VerifiedLayers(FileMemory? memory)
    {
        _memory = memory;
        // The memory is read after the archive is opened, because only then the open file is surely the remembered file.
        _known = new(() => [.. memory?.Recall()?.Split('\n', StringSplitOptions.RemoveEmptyEntries) ?? []]);
    }

    /// <summary>The verified layers of an image that comes from no source: none.</summary>
    public static VerifiedLayers None => new(null);

    /// <summary>Finds the verified layers of a source. Must be called before the source is opened. Standard input has none.</summary>
    public static VerifiedLayers Of(ImageChoice choice, Session session) =>
        new(ImageMemory.Of(choice.Location, ["verified layers"], session.Cache, session.Time));

    /// <summary>Whether the layer was verified at the same offset of the same file.</summary>
    public bool Contains(Layer layer) => _known.Value.Contains(Text(layer));

    /// <summary>Remembers layers as verified.</summary>
    public void Add(IEnumerable<Layer> layers)
    {
        var known = _known.Value;
        var count = known.Count;
        foreach (var layer in layers) known.Add(Text(layer));
        if (known.Count > count) _memory?.Remember(string.Join('\n', known.Order(StringComparer.Ordinal)));
    }

    // Two configs can give the same bytes different diff IDs, so the expected digests are part of the key.
    private static string Text(Layer layer) => $"{layer.StoredOffset}+{layer.StoredLength} {layer.DiffId} {layer.BlobDigest}";
}
