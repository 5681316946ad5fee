namespace OverlayImg.Cli.Reporting;

/// <summary>The cells of a bar. The bar shows a size and its wasted part, relative to the largest size of a list.</summary>
/// <param name="Kept">Cells for the part of the size that is not wasted.</param>
/// <param name="Wasted">Cells for the waste.</param>
/// <param name="Rest">Empty cells up to the largest size.</param>
internal sealed record SizeBar(int Kept, int Wasted, int Rest)
{
    /// <summary>
    /// Divides a bar. A size above 0 has at least one cell. If a part of the size is wasted, each of the two parts has at least one cell.
    /// </summary>
    /// <param name="size">The size in bytes.</param>
    /// <param name="wasted">The wasted bytes. Waste above the size counts as the size, because holes of sparse files take no space.</param>
    /// <param name="largest">The largest size in bytes, which has the whole bar.</param>
    /// <param name="cells">The length of the bar, at least 2.</param>
    public static SizeBar Of(long size, long wasted, long largest, int cells)
    {
        if (size <= 0) return new(0, 0, cells);
        wasted = Math.Min(wasted, size);
        var used = Math.Clamp(CellsOf(size, largest, cells), wasted > 0 && wasted < size ? 2 : 1, cells);
        var waste = wasted == 0 ? 0 : wasted == size ? used : Math.Clamp(CellsOf(wasted, largest, cells), 1, used - 1);
        return new(used - waste, waste, cells - used);
    }

    private static int CellsOf(long size, long largest, int cells) => (int)Math.Round((double)size / largest * cells);

    /// <summary>Adds the bar to a listing: blocks in colour on a terminal, and <c>#</c>, <c>x</c> and <c>.</c> elsewhere.</summary>
    public void AddTo(Listing listing)
    {
        const int Cyan = 36, Red = 31, Dim = 2;
        var (kept, wasted, rest) = listing.HasBlocks ? ('█', '▒', '░') : ('#', 'x', '.');
        listing.AddStyled(new(kept, Kept), Cyan);
        listing.AddStyled(new(wasted, Wasted), Red);
        listing.AddStyled(new(rest, Rest), Dim);
    }
}
