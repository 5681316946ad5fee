using System.Buffers;
using System.Text;

namespace OverlayImg.FileSystems.Tar;

/// <summary>
/// Functions for names in Python's form: text in which a byte that is not UTF-8 is a lone surrogate, U+DC00 plus the byte (PEP 383).
/// </summary>
internal static class PythonText
{
    private const int Escape = 0xDC00;

    /// <summary>Python's sort order of names: by code points. The order differs from a bytewise order where a name is not UTF-8.</summary>
    public static IComparer<ByteString> Order { get; } = Comparer<ByteString>.Create(Compare);

    /// <summary>Replaces each character that is not ASCII with a question mark.</summary>
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
        // Skips the common prefix without decoding it, back to the start of a character.
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
