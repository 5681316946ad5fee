using System.Globalization;
using System.Text;
using Spectre.Console.Rendering;

namespace OverlayImg.Cli.Terminals;

/// <summary>The number of columns that text occupies on a terminal: East Asian characters take two, combining characters none.</summary>
internal static class DisplayWidth
{
    /// <summary>The number of columns of <paramref name="text"/>, which has no control characters.</summary>
    public static int Of(string text) => text.All(character => character is >= ' ' and <= '~') ? text.Length : new Segment(text).CellCount();

    /// <summary>Returns the text, or its begin and <paramref name="mark"/> if the text is wider than <paramref name="columns"/>.</summary>
    public static string Cut(string text, int columns, string mark)
    {
        if (Of(text) <= columns) return text;
        var room = columns - Of(mark);
        if (room < 0) return "";
        var begin = new StringBuilder();
        for (var elements = StringInfo.GetTextElementEnumerator(text); elements.MoveNext();)
        {
            var element = elements.GetTextElement();
            room -= Of(element);
            if (room < 0) break;
            begin.Append(element);
        }

        return begin.Append(mark).ToString();
    }

    /// <summary>
    /// Divides text at spaces into lines of at most <paramref name="columns"/>. A longer word has a line of its own, which the terminal wraps, so
    /// that a path or a digest can be copied.
    /// </summary>
    public static IEnumerable<string> Wrap(string text, int columns)
    {
        foreach (var line in text.Split('\n'))
        {
            if (Of(line) <= columns)
            {
                yield return line;
                continue;
            }

            var indent = line[..(line.Length - line.TrimStart(' ').Length)];
            var current = indent;
            var width = indent.Length;
            foreach (var word in line[indent.Length..].Split(' '))
            {
                var wide = Of(word);
                var isFirst = width == indent.Length;
                if (!isFirst && width + 1 + wide > columns)
                {
                    yield return current;
                    (current, width, isFirst) = (indent, indent.Length, true);
                }

                current += isFirst ? word : " " + word;
                width += isFirst ? wide : 1 + wide;
            }

            yield return current;
        }
    }
}
