using System.Buffers;
using System.Text;

namespace OverlayImg.FileSystems.Tar;

/// <summary>
/// Names as Python sees them: text, in which each byte that is no UTF-8 is a lone surrogate, U+DC00 and the byte (PEP 383).
/// </summary>
internal static class PythonText
{
    private const int Escape = 0xDC00;

    /// <summary>The order in which Python sorts names: by code points, which differs from that of the bytes where some are no UTF-8.</summary>
    public static IComparer<ByteString> Order { get; } = Comparer<ByteString>.Create(Compare);

    /// <summary>The text with a question mark for every character that is not ASCII.</summary>
    public static ByteString ToAscii(ByteString text)
    {
        if (Ascii.IsValid(text.Span)) return text;
        var ascii = new List<byte>(text.Length);
        for (var rest = text.Span; !rest.IsEmpty;) ascii.Add(Next(ref rest) is var point && point < 0x80 ? (byte)point : (byte)'?');
        return new([.. ascii]);
    }

    private static int Compare(ByteString left, ByteString right)
    {
        var l = left.Span;
        var r = right.Span;
        // What is the same need not be decoded, up to a place where a character begins.
        var start = l.CommonPrefixLength(r);
        while (start > 0 && (l[start - 1] & 0x80) != 0) start--;
        l = l[start..];
        r = r[start..];
        while (!l.IsEmpty && !r.IsEmpty)
        {
            var difference = Next(ref l).CompareTo(Next(ref r));
            if (difference != 0) return difference;
        }

        return l.Length.CompareTo(r.Length);
    }

    private static int Next(ref ReadOnlySpan<byte> text)
    {
        if (Rune.DecodeFromUtf8(text, out var rune, out var length) == OperationStatus.Done)
        {
            text = text[length..];
            return rune.Value;
        }

        var point = Escape + text[0];
        text = text[1..];
        return point;
    }
}
