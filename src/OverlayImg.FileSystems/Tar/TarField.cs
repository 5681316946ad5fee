namespace OverlayImg.FileSystems.Tar;

/// <summary>The byte offset and the length of a field in a block of 512 bytes.</summary>
internal readonly record struct TarField(int Offset, int Length)
{
    /// <summary>The bytes of the field in <paramref name="block"/>.</summary>
    public ReadOnlySpan<byte> In(ReadOnlySpan<byte> block) => block.Slice(Offset, Length);

    /// <summary>The writable bytes of the field in <paramref name="block"/>.</summary>
    public Span<byte> In(Span<byte> block) => block.Slice(Offset, Length);

    /// <summary>The text in the field: the bytes up to the first NUL, or all bytes.</summary>
    public ReadOnlySpan<byte> TextIn(ReadOnlySpan<byte> block) => CutAtNul(In(block));

    /// <summary>The bytes up to the first NUL, or all bytes.</summary>
    public static ReadOnlySpan<byte> CutAtNul(ReadOnlySpan<byte> bytes)
    {
        var nul = bytes.IndexOf((byte)0);
        return nul < 0 ? bytes : bytes[..nul];
    }
}
