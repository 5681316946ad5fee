namespace OverlayImg.FileSystems.Tar;

/// <summary>The <c>chksum</c> field: the sum of the header's bytes, where the field itself counts as eight spaces.</summary>
internal static class TarChecksum
{
    /// <summary>
    /// Whether the field has the right sum. POSIX sums unsigned bytes. Old versions of Sun's tar summed signed bytes, which all readers accept.
    /// </summary>
    public static bool Matches(ReadOnlySpan<byte> block)
    {
        if (!TarNumber.TryParseOctal(TarLayout.Chksum.In(block), out var stored)) return false;
        var unsigned = Sum(block);
        if (stored == unsigned) return true;
        var high = 0;
        foreach (var value in block) high += value >> 7;
        foreach (var value in TarLayout.Chksum.In(block)) high -= value >> 7;
        return stored == unsigned - (256 * high);
    }

    /// <summary>Sets the field as POSIX and GNU tar do: six octal digits, NUL, space.</summary>
    public static void Set(Span<byte> block)
    {
        var field = TarLayout.Chksum.In(block);
        TarNumber.FormatOctal(field[..7], Sum(block));
        field[7] = (byte)' ';
    }

    private static int Sum(ReadOnlySpan<byte> block)
    {
        var sum = TarLayout.Chksum.Length * ' ';
        foreach (var value in block[..TarLayout.Chksum.Offset]) sum += value;
        foreach (var value in block[(TarLayout.Chksum.Offset + TarLayout.Chksum.Length)..]) sum += value;
        return sum;
    }
}
