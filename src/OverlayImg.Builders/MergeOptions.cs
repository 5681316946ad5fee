using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;

namespace OverlayImg.Builders;

/// <summary>What to merge, and where to.</summary>
public sealed record MergeOptions
{
    /// <summary>Directories and tarballs; later ones win.</summary>
    public required IReadOnlyList<string> Items { get; init; }

    /// <summary>A tar, unless this ends with a slash: then a directory to make.</summary>
    public required string Output { get; init; }

    /// <summary>Whether extended attributes are taken along.</summary>
    public bool KeepExtendedAttributes { get; init; } = true;

    /// <summary>The most that the files of a tar may add up to, in bytes, holes included.</summary>
    public long MaximumSize { get; init; } = TarWriterOptions.DefaultMaximumSize;

    /// <summary>The time of every file in a tar. Files of a directory keep their own.</summary>
    public Timestamp FileTime { get; init; } = new(1);
}

/// <summary>What was merged.</summary>
/// <param name="Output">The tar or directory; <c>-</c> for standard output.</param>
/// <param name="Entries">Number of names, the root among them.</param>
/// <param name="Size">Bytes written of a tar; of a directory the bytes of its files, each name counted.</param>
public sealed record MergeResult(string Output, int Entries, long Size);
