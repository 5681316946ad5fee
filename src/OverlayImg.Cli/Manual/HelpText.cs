using System.Text;

namespace OverlayImg.Cli.Manual;

/// <summary>A line of the help.</summary>
internal readonly record struct HelpLine(string Text, bool IsHeading = false);

/// <summary>Lays a manual page out as plain text for a terminal.</summary>
internal static class HelpText
{
    private const int Indent = 2;

    // With fewer columns for the texts of the entries, each text goes below its term.
    private const int LeastTextWidth = 40;
    private const int MostTermWidth = 27;

    /// <summary>The lines of the page, without line ends and trailing spaces.</summary>
    /// <param name="page">The page.</param>
    /// <param name="width">The largest number of columns. Only a word or a term that is longer exceeds the width.</param>
    public static IEnumerable<HelpLine> Lines(ManualPage page, int width)
    {
        foreach (var line in Wrapped(page.Description, 0, width)) yield return new(line);
        yield return new("");
        yield return new("Usage:", IsHeading: true);
        foreach (var line in Wrapped(page.Usage, Indent, width)) yield return new(line);
        if (page.Examples.Count > 0)
        {
            yield return new("");
            yield return new("Examples:", IsHeading: true);
            foreach (var line in page.Examples.SelectMany(example => Continued(example, width))) yield return new(line);
        }

        foreach (var section in page.Sections)
        {
            yield return new("");
            foreach (var line in Wrapped($"{section.Title}:", 0, width)) yield return new(line, IsHeading: true);
            foreach (var line in LinesOf(section, width)) yield return new(line);
        }
    }

    private static IEnumerable<string> LinesOf(ManualSection section, int width)
    {
        var terms = section.Entries.Select(TermOf).ToArray();
        var fitting = terms.Where(term => term.Length <= MostTermWidth).Select(term => term.Length).DefaultIfEmpty(0).Max();
        var column = Indent + fitting + 2;
        // On a narrow terminal, or where no term is short, the texts stand below the terms.
        var isStacked = fitting == 0 || width - column < LeastTextWidth;
        foreach (var (term, entry) in terms.Zip(section.Entries))
        {
            var text = Wrapped(entry.Text, isStacked ? 3 * Indent : column, width).ToArray();
            var isBeside = !isStacked && term.Length <= fitting && text.Length > 0;
            var head = new string(' ', Indent) + term;
            yield return isBeside ? head.PadRight(column) + text[0][column..] : head;
            foreach (var line in text.Skip(isBeside ? 1 : 0)) yield return line;
        }
    }

    private static string TermOf(ManualEntry entry) =>
        string.Join(", ", entry.Names) + (entry.Value is null ? "" : entry.Names.Count == 0 ? $"<{entry.Value}>" : $" <{entry.Value}>");

    /// <summary>The text in lines of at most <paramref name="width"/> columns, except for longer words.</summary>
    public static IEnumerable<string> Wrapped(string text, int indent, int width)
    {
        var line = new StringBuilder(new string(' ', indent));
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > indent && line.Length + 1 + word.Length > width)
            {
                yield return line.ToString();
                line.Clear().Append(' ', indent);
            }

            if (line.Length > indent) line.Append(' ');
            line.Append(word);
        }

        if (line.Length > indent) yield return line.ToString();
    }

    /// <summary>
    /// A command, indented, in lines of at most <paramref name="width"/> columns if possible. Each line but the last ends with a backslash, so
    /// that the copied lines are still one command.
    /// </summary>
    public static IEnumerable<string> Continued(string command, int width)
    {
        var line = new StringBuilder();
        foreach (var part in Parts(command))
        {
            if (line.Length > 0 && Indent + line.Length + 1 + part.Length + 2 > width)
            {
                yield return $"{new string(' ', Indent)}{line} \\";
                line.Clear().Append(' ', Indent);
            }

            if (line.Length > Indent) line.Append(' ');
            line.Append(part);
        }

        yield return new string(' ', Indent) + line;
    }

    // Splits a command before its options and pipes, and nowhere inside quotes.
    private static IEnumerable<string> Parts(string command)
    {
        var part = new StringBuilder();
        foreach (var word in command.Split(' '))
        {
            var isWhole = "'\"".All(quote => part.ToString().Count(character => character == quote) % 2 == 0);
            if (part.Length > 0 && isWhole && word is ['-', _, ..] or "|" or "&&" or ">" or ">>")
            {
                yield return part.ToString();
                part.Clear();
            }

            if (part.Length > 0) part.Append(' ');
            part.Append(word);
        }

        yield return part.ToString();
    }
}
