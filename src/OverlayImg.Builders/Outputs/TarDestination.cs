using OverlayImg.Images;

namespace OverlayImg.Builders;

/// <summary>Where a tar goes, an image archive or a file system, and how it is compressed.</summary>
/// <param name="Path">A file, or <c>-</c> for standard output.</param>
/// <param name="Compression">None, gzip or zstd.</param>
public sealed record TarDestination(string Path, CompressionFormat Compression)
{
    /// <summary>Whether the tar goes to standard output.</summary>
    public bool IsStandardOutput => Path == "-";

    /// <summary>
    /// Whether the bytes go there as they come, because nothing can be put in its place: standard output, a device (<c>/dev/null</c>), a pipe, or an open
    /// file of this process (<c>/dev/stdout</c>, <c>/dev/fd/3</c>).
    /// </summary>
    public bool IsStream => IsStandardOutput || OutputPlace.IsSpecial(Path);

    /// <summary>The destination that a path means: its ending (<c>.tar</c>, <c>.gz</c>, <c>.tgz</c>, <c>.zst</c>, <c>.tzst</c>) tells the compression.</summary>
    /// <param name="path">A file, or <c>-</c>.</param>
    /// <param name="otherwise">The compression where the ending is none of these.</param>
    public static TarDestination Parse(string path, CompressionFormat otherwise = CompressionFormat.None) => new(path, System.IO.Path.GetExtension(path) switch
    {
        ".tar" => CompressionFormat.None,
        ".gz" or ".tgz" => CompressionFormat.Gzip,
        ".zst" or ".tzst" => CompressionFormat.Zstd,
        _ => otherwise,
    });
}
