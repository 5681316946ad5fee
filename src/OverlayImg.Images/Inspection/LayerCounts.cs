using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Layers;
using OverlayImg.Images.Overlay;

namespace OverlayImg.Images.Inspection;

/// <summary>Numbers about the contents of a layer's tar.</summary>
/// <param name="Entries">Number of entries, including whiteouts; pax and long-name headers are not counted separately.</param>
/// <param name="Whiteouts">Number of whiteouts and opaque markers among the entries.</param>
/// <param name="FileBytes">Sum of the sizes of the regular files, in bytes.</param>
public sealed record LayerCounts(int Entries, int Whiteouts, long FileBytes)
{
    /// <summary>Counts the entries of a layer; reads headers only.</summary>
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
            if (IsRegularFile(entry.TypeFlag)) fileBytes = ByteTotal.Add(fileBytes, entry.Size);
        }

        return new(entries, whiteouts, fileBytes);
    }

    private static bool IsRegularFile(TarTypeFlag type) =>
        type is TarTypeFlag.RegularFile or TarTypeFlag.ContiguousFile or TarTypeFlag.GnuSparse;
}
