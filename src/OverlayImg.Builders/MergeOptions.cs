using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;

namespace OverlayImg.Builders;

/// <summary>A merge of directories and tarballs.</summary>
public sealed record MergeOptions
{
    /// <summary>Paths of directories and tarballs; files of later ones win.</summary>
    public required IReadOnlyList<string> Items { get; init; }

    /// <summary>Path of the tar to write; a path that ends with a slash is a directory to create.</summary>
    public required string Output { get; init; }

    /// <summary>Whether extended attributes are kept.</summary>
    public bool KeepExtendedAttributes { get; init; } = true;

    /// <summary>The largest total size of the files in a tar, in bytes, holes included.</summary>
    public long MaximumSize { get; init; } = TarWriterOptions.DefaultMaximumSize;

    /// <summary>The modification time of every file in a tar. Files of a directory output keep their times.</summary>
    public Timestamp FileTime { get; init; } = new(1);
}

/// <summary>The result of a merge.</summary>
/// <param name="Output">Path of the tar or directory; <c>-</c> for standard output.</param>
/// <param name="Entries">Number of entries, the root directory included.</param>
/// <param name="Size">Size of the tar in bytes; for a directory the total size of its files, with hard links counted each.</param>
public sealed record MergeResult(string Output, int Entries, long Size);
