using System.Diagnostics.CodeAnalysis;
using OverlayImg.Images.Compression;

namespace OverlayImg.Images.Outputs;

/// <summary>The path and the compression of a tar output: an image archive or a root file system.</summary>
/// <param name="Path">The path of a file, or <c>-</c> for standard output.</param>
/// <param name="Compression">None, gzip or zstd.</param>
public sealed record TarDestination(string Path, CompressionFormat Compression)
{
    /// <summary>Whether the tar goes to standard output.</summary>
    public bool IsStandardOutput => Path == "-";

    /// <summary>
    /// Whether the bytes are written directly, because the output can't be replaced atomically: standard output, a
    /// device (<c>/dev/null</c>), a pipe, or an open file of this process (<c>/dev/stdout</c>, <c>/dev/fd/3</c>).
    /// </summary>
    public bool IsStream => IsStandardOutput || OutputPlace.IsSpecial(Path);

    /// <summary>
    /// Parses a path. The file extension determines the compression, in any letter case: <c>.tar</c>, <c>.tar.gz</c>,
    /// <c>.tgz</c>, <c>.tar.zst</c>, <c>.tzst</c>, <c>.gz</c>, <c>.zst</c>.
    /// </summary>
    /// <param name="path">The path of a file, or <c>-</c>.</param>
    /// <param name="otherwise">The compression if the path has no extension.</param>
    /// <exception cref="InputException">The path has another extension, which would mislead about the file's format.</exception>
    public static TarDestination Parse(string path, CompressionFormat otherwise = CompressionFormat.None)
    {
        var destination = OfAny(path, otherwise, out var ending);
        if (ending is "" or ".tar" || destination.IsStream) return destination;
        throw new InputException($"has the ending {ending}, and files of that format can't be written", new(path))
        {
            Advice = "Name a file that ends with .tar, .tar.gz (.tgz) or .tar.zst (.tzst).",
        };
    }

    /// <summary>Parses a path like <see cref="Parse"/>, but takes any extension. The caller decides what the extension means.</summary>
    /// <param name="path">The path of a file, or <c>-</c>.</param>
    /// <param name="otherwise">The compression if the extension names none.</param>
    /// <param name="ending">The extension in lower case, without the extension of the compression; empty for none.</param>
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

    [SuppressMessage("Globalization", "CA1308:Normalize strings to uppercase", Justification = "File extensions are written in lower case.")]
    private static string EndingOf(string path) => System.IO.Path.GetExtension(path).ToLowerInvariant();
}
