using System.Text;
using System.Text.Json;

namespace OverlayImg.Images.Json;

/// <summary>
/// JSON over several lines, members in their order: what the programs have in common whose output is compared byte by byte.
/// How characters and numbers look is each program's own.
/// </summary>
/// <param name="indent">Spaces per level.</param>
/// <param name="end">What stands behind it.</param>
internal abstract class IndentedJson(int indent, string end = "\n")
{
    /// <summary>The text of <paramref name="element"/>.</summary>
    public byte[] Write(JsonElement element)
    {
        var text = new StringBuilder();
        Append(text, element, 0);
        return Encoding.UTF8.GetBytes(text.Append(end).ToString());
    }

    /// <summary>The escape of a character in a string; null where it stands for itself.</summary>
    protected abstract string? Escape(char character);

    /// <summary>The escape of a character that JSON (RFC 8259, section 7) has a short one for, the slash left as it is; null for all others.</summary>
    protected static string? NamedEscape(char character) => character switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\b' => "\\b",
        '\f' => "\\f",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        _ => null,
    };

    /// <summary>Prints a number, given as the input has it.</summary>
    protected abstract void AppendNumber(StringBuilder text, string raw);

    // The depth is bounded by JsonDocument's own limit of 64.
    private void Append(StringBuilder text, JsonElement element, int depth)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                AppendAll(text, "{}", depth, element.EnumerateObject(), member =>
                {
                    AppendString(text, member.Name);
                    text.Append(": ");
                    Append(text, member.Value, depth + 1);
                });
                break;
            case JsonValueKind.Array:
                AppendAll(text, "[]", depth, element.EnumerateArray(), item => Append(text, item, depth + 1));
                break;
            case JsonValueKind.String:
                AppendString(text, element.GetString()!);
                break;
            case JsonValueKind.Number:
                AppendNumber(text, element.GetRawText());
                break;
            default:
                text.Append(element.GetRawText());
                break;
        }
    }

    private void AppendAll<T>(StringBuilder text, string brackets, int depth, IEnumerable<T> items, Action<T> append)
    {
        text.Append(brackets[0]);
        var any = false;
        foreach (var item in items)
        {
            text.Append(any ? ",\n" : "\n").Append(' ', indent * (depth + 1));
            append(item);
            any = true;
        }

        if (any) text.Append('\n').Append(' ', indent * depth);
        text.Append(brackets[1]);
    }

    private void AppendString(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var character in value)
        {
            if (Escape(character) is { } escape) text.Append(escape);
            else text.Append(character);
        }

        text.Append('"');
    }
}
