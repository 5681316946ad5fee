using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Layers;
using OverlayImg.Images.Overlay;

namespace OverlayImg.Images.Inspection;

/// <summary>What a layer's tar consists of.</summary>
/// <param name="Entries">Number of entries, whiteouts included; PAX and long name headers belong to the entries that they describe.</param>
/// <param name="Whiteouts">How many of them are whiteouts or opaque markers.</param>
/// <param name="FileBytes">Sum of the sizes of its regular files.</param>
public sealed record LayerCounts(int Entries, int Whiteouts, long FileBytes)
{
    /// <summary>Counts; reads headers only.</summary>
    /// <exception cref="InputException">The tar is damaged.</exception>
    public static LayerCounts Of(LayerContent layer, InputLocation where, CancellationToken cancellationToken)
    {
        var (entries, whiteouts, fileBytes) = (0, 0, 0L);
        var reader = TarReader.Open(layer.Source, layer.Offset, layer.Length, where);
        while (reader.Next(cancellationToken) is { } entry)
        {
            entries++;
            var name = TreePath.Name(TarPath.Clean(entry.RawName));
            if (WhiteoutName.KindOf(name.Span) is NameKind.Whiteout or NameKind.OpaqueMarker) whiteouts++;
            // Sizes are the archive's claims: their sum must not overflow.
            if (IsRegularFile(entry.TypeFlag)) fileBytes = long.MaxValue - fileBytes < entry.Size ? long.MaxValue : fileBytes + entry.Size;
        }

        return new(entries, whiteouts, fileBytes);
    }

    private static bool IsRegularFile(TarTypeFlag type) => type is TarTypeFlag.RegularFile or TarTypeFlag.ContiguousFile or TarTypeFlag.GnuSparse;
}
