namespace OverlayImg.FileSystems.Tar;

/// <summary>Makes the errors of one archive, with the archive's location.</summary>
/// <param name="where">The archive.</param>
/// <param name="origin">Byte offset of the archive in the file of <paramref name="where"/>.</param>
internal sealed class TarErrors(InputLocation where, long origin)
{
    /// <summary>Makes an error at an offset in the archive. Its location has the offset in the layer, or in the file without layers.</summary>
    public InputException At(long offset, ReadOnlySpan<byte> path, string what, string? advice = null)
    {
        var place = path.IsEmpty ? where : where with { Path = DisplayName.Of(path) };
        return new(what, place with { Offset = where.Layer is null ? origin + offset : offset }) { Advice = advice };
    }

    public InputException At(TarEntry entry, string what, string? advice = null) => At(entry.HeaderOffset, entry.RawName.Span, what, advice);

    /// <summary>Makes the error for an archive that ends inside the structure <paramref name="within"/>.</summary>
    public InputException Truncated(long offset, ReadOnlySpan<byte> path, string within) =>
        At(
            offset, path, $"the tar archive ends in the middle of {within}",
            "Fetch or build the file again: the file is truncated, or a size in it is wrong.");
}
