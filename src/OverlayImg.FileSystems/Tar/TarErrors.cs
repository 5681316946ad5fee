namespace OverlayImg.FileSystems.Tar;

/// <summary>Makes the errors of one archive, each with the archive's place and the place in it.</summary>
/// <param name="where">The archive.</param>
/// <param name="origin">Where it begins in the file that <paramref name="where"/> names.</param>
internal sealed class TarErrors(InputLocation where, long origin)
{
    /// <summary>An error at <paramref name="offset"/> of the archive; in a layer offsets count from its beginning, else from the file's.</summary>
    public InputException At(long offset, ReadOnlySpan<byte> path, string what, string? advice = null)
    {
        var place = path.IsEmpty ? where : where with { Path = DisplayName.Of(path) };
        return new(what, place with { Offset = where.Layer is null ? origin + offset : offset }) { Advice = advice };
    }

    /// <summary>An error of an entry.</summary>
    public InputException At(TarEntry entry, string what, string? advice = null) => At(entry.HeaderOffset, entry.RawName.Span, what, advice);

    /// <summary>The archive ends before something in it does.</summary>
    public InputException Truncated(long offset, ReadOnlySpan<byte> path, string within) =>
        At(offset, path, $"the tar archive ends in the middle of {within}", "Fetch or build the file again: it is cut off, or a size in it is wrong.");
}
