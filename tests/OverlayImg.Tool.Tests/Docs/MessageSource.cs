using System.Text.RegularExpressions;

namespace OverlayImg.Tool.Tests.Docs;

/// <summary>The texts of the tool's source and of the guest's source, from which messages are made.</summary>
internal sealed partial class MessageSource
{
    private const int ShortestPart = 4;
    private readonly string _text;

    private MessageSource(string text) => _text = text;

    /// <summary>Reads the source. Texts that the source joins with <c>+</c> are one text.</summary>
    public static MessageSource Read()
    {
        var root = ExamplesTests.Root();
        var files = Directory.EnumerateFiles(Path.Combine(root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal))
            .Concat(Directory.EnumerateFiles(Path.Combine(root, "vm-images/guest"), "*.c"));
        var text = string.Join('\n', files.Select(File.ReadAllText));
        return new(Joint.Replace(text, "").Replace("\\\"", "\"", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal));
    }

    /// <summary>
    /// The parts of a message that the source does not have. The parts are the texts between the words in capital letters that stand for
    /// names and numbers. A clause, a quotation and the name of an option can come from another place in the source.
    /// </summary>
    public IEnumerable<string> MissingParts(string message) => Division.Split(Prefix.Replace(message, ""))
        .Select(part => part.Trim(' ', '.', ',', '(', ')', '\'', ':', '-'))
        .Where(part => part.Length >= ShortestPart && !_text.Contains(part, StringComparison.Ordinal));

    [GeneratedRegex("^(?:overlayimg|warning|notice): ")]
    private static partial Regex Prefix { get; }

    [GeneratedRegex("\"\\s*\\+\\s*\\$?\"")]
    private static partial Regex Joint { get; }

    [GeneratedRegex(
        @"\b(?:ACCELERATOR|COMMAND|CONTENT|DIGEST|DIRECTORY|ENDING|FIELD|FILE|HOST|IMAGE|NAME|NUMBER|PART|PATH|PHASE|PLATFORM|PROGRAM)\b|" +
        @"\b(?:REASON|SCRIPT|SIZE|STATUS|user)\b|[.,:] |[()]|(?<= )'|'(?= )")]
    private static partial Regex Division { get; }
}
