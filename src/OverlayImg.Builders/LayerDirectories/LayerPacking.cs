using OverlayImg.Closures;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;

namespace OverlayImg.Builders.LayerDirectories;

/// <summary>Packs a new layer and, behind it, the store paths that belong to it.</summary>
internal static class LayerPacking
{
    /// <summary>Writes the tar.</summary>
    /// <param name="tar">Where it goes.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="options">How the layer is packed; the store paths have its time.</param>
    /// <param name="closure">The store paths.</param>
    /// <param name="merge">Returns the files that a container sees of base and layer. A store path among them is not packed again.</param>
    /// <param name="cancellationToken">Looked at for each file.</param>
    /// <returns>Number of entries that the store paths took.</returns>
    public static int Write(
        LayerStream tar, FileTree layer, TarWriterOptions options, Closure closure, Func<FileTree> merge, CancellationToken cancellationToken)
    {
        using var writer = new TarWriter(tar);
        TarTreeWriter.WriteEntries(layer, writer, options, cancellationToken);
        var appended = closure.IsEmpty ? 0 : closure.AppendTo(writer, merge(), options.MTime ?? default, cancellationToken);
        writer.Complete();
        return appended;
    }
}
