using System.Globalization;
using System.Text;

namespace OverlayImg.FileSystems;

/// <summary>Turns bytes from an image into text that is safe to print.</summary>
public static class DisplayName
{
    /// <summary>
    /// Keeps printable UTF-8, doubles backslashes, and writes control characters and invalid UTF-8 as escapes, like GNU <c>ls -b</c>.
    /// </summary>
    public static string Of(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        while (!bytes.IsEmpty)
        {
            var valid = Rune.DecodeFromUtf8(bytes, out var rune, out var consumed) == System.Buffers.OperationStatus.Done;
            if (valid && rune.Value == '\\') text.Append(@"\\");
            else if (valid && IsPrintable(rune)) text.Append(rune.ToString());
            else AppendEscaped(text, bytes[..consumed]);
            bytes = bytes[consumed..];
        }

        return text.ToString();
    }

    /// <summary>
    /// Makes a whole message safe to print. Line breaks, tabs and backslashes stay, because names in the message are escaped already. Other
    /// characters that could move a terminal's cursor, colour its text or reverse the writing direction are escaped as in names.
    /// </summary>
    public static string OfMessage(string text)
    {
        if (text.All(character => character is >= ' ' and <= '~')) return text;
        var safe = new StringBuilder(text.Length);
        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is '\n' or '\t' || IsPrintable(rune)) safe.Append(rune.ToString());
            else AppendEscaped(safe, bytes[..rune.EncodeToUtf8(bytes)]);
        }

        return safe.ToString();
    }

    /// <summary>Returns the first <paramref name="longest"/> characters of a longer text, and <paramref name="mark"/> after them.</summary>
    public static string Cut(string text, int longest, string mark)
    {
        if (text.Length <= longest) return text;
        // Both characters of a surrogate pair stay, or neither.
        return text[..(char.IsHighSurrogate(text[longest - 1]) ? longest - 1 : longest)] + mark;
    }

    private static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or
        UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    private static void AppendEscaped(StringBuilder text, ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes)
        {
            text.Append(value switch
            {
                (byte)'\n' => @"\n",
                (byte)'\t' => @"\t",
                (byte)'\r' => @"\r",
                _ => $"\\{Convert.ToString(value, 8).PadLeft(3, '0')}",
            });
        }
    }
}
