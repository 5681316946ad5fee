namespace OverlayImg.FileSystems.Tar;

/// <summary>Where a field lies in a 512-byte block.</summary>
internal readonly record struct TarField(int Offset, int Length)
{
    /// <summary>The bytes of the field in <paramref name="block"/>.</summary>
    public ReadOnlySpan<byte> In(ReadOnlySpan<byte> block) => block.Slice(Offset, Length);

    /// <summary>The bytes of the field in <paramref name="block"/>, to be written.</summary>
    public Span<byte> In(Span<byte> block) => block.Slice(Offset, Length);

    /// <summary>The text of the field: up to the first NUL, or all of it where there is none.</summary>
    public ReadOnlySpan<byte> TextIn(ReadOnlySpan<byte> block) => CutAtNul(In(block));

    /// <summary>What stands before the first NUL.</summary>
    public static ReadOnlySpan<byte> CutAtNul(ReadOnlySpan<byte> bytes)
    {
        var nul = bytes.IndexOf((byte)0);
        return nul < 0 ? bytes : bytes[..nul];
    }
}
