using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Compression;

namespace OverlayImg.Images.Archives;

/// <summary>Opens an archive that the user named: a file, a pipe or standard input, compressed or not.</summary>
internal static class ArchiveFile
{
    /// <summary>The path that means standard input.</summary>
    public const string StandardInput = "-";

    private static readonly string[] ArchiveEndings = [".tar", ".gz", ".tgz", ".zst", ".xz", ".bz2", ".oci"];

    /// <summary>Opens the archive as one uncompressed file: the user's or a temporary one. Members are never unpacked.</summary>
    public static ByteSource Open(string path, Stream standardInput, Spool spool, CancellationToken cancellationToken)
    {
        var where = PlaceOf(path);
        var source = path == StandardInput ? spool.Copy(standardInput, where, cancellationToken) : OpenPath(path, spool, where, cancellationToken);
        try
        {
            if (source.Length == 0) throw IsEmpty(where);
            var format = FormatOf(source, 0, source.Length);
            if (format == CompressionFormat.None) return source;
            var decompressed = spool.Decompress(new SourceRangeStream(source, 0, source.Length), format, where, cancellationToken);
            source.Dispose();
            return decompressed;
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    public static InputLocation PlaceOf(string path) => new(path == StandardInput ? "standard input" : path);

    /// <summary>Detects the compression of a range of the source; offset and length in bytes.</summary>
    public static CompressionFormat FormatOf(ByteSource source, long offset, long length)
    {
        Span<byte> start = stackalloc byte[(int)Math.Min(CompressionMagic.Length, length)];
        source.Read(offset, start);
        return CompressionMagic.Detect(start);
    }

    private static ByteSource OpenPath(string path, Spool spool, InputLocation where, CancellationToken cancellationToken)
    {
        if (Directory.Exists(path))
            throw new InputException("is a directory, but neither an image archive, which is a file, nor an OCI layout, which has index.json", where);
        if (!File.Exists(path)) throw IsNotThere(path, where);
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            // Bash passes <(command) as the path of a pipe.
            if (!file.CanSeek) return spool.Copy(file, where, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"can't be opened: {exception.Message}", where, exception) { Advice = "Check the path and its permissions." };
        }

        return ByteSource.Open(path);
    }

    private static InputException IsEmpty(InputLocation where) =>
        new("is empty", where) { Advice = "The command that should have written it failed, or wrote nothing." };

    private static InputException IsNotThere(string path, InputLocation where)
    {
        var looksLikePath = path is ['/' or '.', ..] or "" || ArchiveEndings.Any(ending => path.EndsWith(ending, StringComparison.Ordinal));
        var reference = path.StartsWith("docker://", StringComparison.Ordinal) ? path : $"docker://{path}";
        return new("is not there", where)
        {
            Advice = looksLikePath
                ? "Check the path."
                : $"If it is an image of a registry, name it so: {reference}; or get it as a file: 'overlayimg pull {reference} -o base.tar'.",
        };
    }
}
