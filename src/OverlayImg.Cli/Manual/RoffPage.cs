using System.Text;

namespace OverlayImg.Cli.Manual;

/// <summary>Writes a manual page in roff, with the macros of man(7), for man, groff and mandoc.</summary>
/// <param name="version">The version of the tool.</param>
/// <param name="date">The date in the page's footer.</param>
internal sealed class RoffPage(string version, DateOnly date)
{
    private const string Section = "1";

    // man indents the text by 7 columns on a terminal of 80.
    private const int ExampleWidth = 72;

    private readonly StringBuilder _text = new();

    /// <summary>The name of the page, such as "overlayimg-cache-ls".</summary>
    public static string NameOf(string command) => command.Replace(' ', '-');

    /// <summary>The page as roff text.</summary>
    /// <param name="page">The page.</param>
    /// <param name="common">Sections of every page, such as the exit codes: title and entries.</param>
    /// <param name="related">The commands of other pages to read.</param>
    public string Write(ManualPage page, IReadOnlyList<ManualSection> common, IEnumerable<string> related)
    {
        _text.Clear();
        var name = NameOf(page.Command);
        Request("TH", name.ToUpperInvariant(), Section, date.ToString("yyyy-MM-dd", null), $"overlayimg {version}", "overlayimg manual");
        // Words such as oci:DIRECTORY[:TAG] must not be hyphenated, and lines without hyphenation are not stretched.
        Line(".nh\n.ad l", isRequest: true);
        Request("SH", "NAME");
        Line($"{Escaped(name)} \\- {Escaped(page.Summary.TrimEnd('.'))}");
        Request("SH", "SYNOPSIS");
        Line(Synopsis(page));
        Request("SH", "DESCRIPTION");
        Line(Escaped(page.Description));
        if (page.Examples.Count > 0)
        {
            Request("SH", "EXAMPLES");
            Request("nf");
            foreach (var line in page.Examples.SelectMany(example => HelpText.Continued(example, ExampleWidth))) Line(Escaped(line));
            Request("fi");
        }

        foreach (var section in page.Sections.Where(section => !section.IsOfOptions)) Entries("SH", section);
        if (page.Sections.Any(section => section.IsOfOptions)) Request("SH", "OPTIONS");
        foreach (var section in page.Sections.Where(section => section.IsOfOptions)) Entries("SS", section);
        foreach (var section in common) Entries("SH", section);
        Request("SH", "SEE ALSO");
        Line(string.Join(",\n", related.Select(command => $"\\fB{Escaped(NameOf(command))}\\fR({Section})")));
        return _text.ToString();
    }

    private static string Synopsis(ManualPage page)
    {
        var rest = page.Usage[page.Command.Length..].TrimStart();
        // Words in angle brackets are replaced by the user.
        var marked = Escaped(rest).Replace("<", "\\fI", StringComparison.Ordinal).Replace(">", "\\fR", StringComparison.Ordinal);
        return $"\\fB{Escaped(page.Command)}\\fR {marked}";
    }

    private void Entries(string request, ManualSection section)
    {
        Request(request, request == "SH" ? section.Title.ToUpperInvariant() : section.Title);
        foreach (var entry in section.Entries)
        {
            Request("TP");
            var names = string.Join(", ", entry.Names.Select(name => $"\\fB{Escaped(name)}\\fR"));
            Line(entry.Value is null ? names : $"{names}{(names.Length > 0 ? " " : "")}\\fI{Escaped(entry.Value)}\\fR");
            Line(Escaped(entry.Text));
        }
    }

    private void Request(string name, params IEnumerable<string> arguments)
    {
        var quoted = arguments.Select(argument => $" \"{Escaped(argument).Replace("\"", "\\(dq", StringComparison.Ordinal)}\"");
        _text.Append('.').Append(name).AppendJoin("", quoted).Append('\n');
    }

    // A line that begins with a period or an apostrophe would be a request.
    private void Line(string text, bool isRequest = false) =>
        _text.Append(!isRequest && text is ['.' or '\'', ..] ? "\\&" : "").Append(text).Append('\n');

    /// <summary>
    /// The text with the characters escaped that roff interprets. A hyphen becomes the ASCII character, so that options can be copied.
    /// </summary>
    public static string Escaped(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var character in text)
        {
            _ = character switch
            {
                '\\' => escaped.Append("\\e"),
                '-' => escaped.Append("\\-"),
                '\'' => escaped.Append("\\(aq"),
                '`' => escaped.Append("\\(ga"),
                '^' => escaped.Append("\\(ha"),
                '~' => escaped.Append("\\(ti"),
                _ => escaped.Append(character),
            };
        }

        return escaped.ToString();
    }
}
