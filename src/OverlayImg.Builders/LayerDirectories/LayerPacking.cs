using OverlayImg.Closures;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;

namespace OverlayImg.Builders.LayerDirectories;

/// <summary>Packs a new layer, followed by the store paths of its closure.</summary>
internal static class LayerPacking
{
    /// <summary>Writes the tar.</summary>
    /// <param name="tar">The output.</param>
    /// <param name="layer">The files of the layer.</param>
    /// <param name="options">The options for the tar. Entries of store paths get its modification time.</param>
    /// <param name="closure">The store paths.</param>
    /// <param name="merge">Returns the file system of base image and layer. Store paths in it are not packed again.</param>
    /// <param name="cancellationToken">Checked for each file.</param>
    /// <returns>Number of tar entries of the store paths.</returns>
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
