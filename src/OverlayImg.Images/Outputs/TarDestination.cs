using System.Diagnostics.CodeAnalysis;
using OverlayImg.Images.Compression;

namespace OverlayImg.Images.Outputs;

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

    /// <summary>
    /// The destination that a path means. Its ending tells the compression, in small or capital letters: <c>.tar</c>, <c>.tar.gz</c>, <c>.tgz</c>,
    /// <c>.tar.zst</c>, <c>.tzst</c>; <c>.gz</c> and <c>.zst</c> alone, too.
    /// </summary>
    /// <param name="path">A file, or <c>-</c>.</param>
    /// <param name="otherwise">The compression where the path has no ending.</param>
    /// <exception cref="InputException">The path has another ending: a tar under the name of another format misleads its reader.</exception>
    public static TarDestination Parse(string path, CompressionFormat otherwise = CompressionFormat.None)
    {
        var destination = OfAny(path, otherwise, out var ending);
        if (ending is "" or ".tar" || destination.IsStream) return destination;
        throw new InputException($"has the ending {ending}, and no file of such a format can be written", new(path))
        {
            Advice = "Name a file that ends with .tar, .tar.gz (.tgz) or .tar.zst (.tzst).",
        };
    }

    /// <summary>As <see cref="Parse"/>, for a file whose format is told by more than its ending.</summary>
    /// <param name="path">A file, or <c>-</c>.</param>
    /// <param name="otherwise">The compression where the ending tells none.</param>
    /// <param name="ending">The ending in lower case, without the ending of the compression. Empty for none.</param>
    public static TarDestination OfAny(string path, CompressionFormat otherwise, out string ending)
    {
        ending = EndingOf(path);
        switch (ending)
        {
            case ".gz" or ".zst":
                var compression = ending == ".gz" ? CompressionFormat.Gzip : CompressionFormat.Zstd;
                ending = EndingOf(System.IO.Path.GetFileNameWithoutExtension(path));
                return new(path, compression);
            case ".tgz" or ".tzst":
                (ending, var isGzip) = (".tar", ending == ".tgz");
                return new(path, isGzip ? CompressionFormat.Gzip : CompressionFormat.Zstd);
            case ".tar":
                return new(path, CompressionFormat.None);
            default:
                return new(path, otherwise);
        }
    }

    [SuppressMessage("Globalization", "CA1308:Normalize strings to uppercase", Justification = "Endings are written in small letters.")]
    private static string EndingOf(string path) => System.IO.Path.GetExtension(path).ToLowerInvariant();
}
