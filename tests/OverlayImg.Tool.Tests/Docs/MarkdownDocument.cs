using System.Text.RegularExpressions;

namespace OverlayImg.Tool.Tests.Docs;

/// <summary>A document of the repository: its fenced blocks and its prose.</summary>
/// <param name="Name">Path below the repository's root, such as <c>docs/reference.md</c>.</param>
/// <param name="Blocks">The fenced blocks, top first.</param>
/// <param name="Prose">The lines outside of fenced blocks.</param>
internal sealed partial record MarkdownDocument(string Name, IReadOnlyList<MarkdownBlock> Blocks, IReadOnlyList<string> Prose)
{
    /// <summary>Every document that is tested: those at the top, in <c>docs</c>, and in <c>tools/examples</c>.</summary>
    public static IEnumerable<MarkdownDocument> All()
    {
        var root = ExamplesTests.Root();
        return ((string[])["", "docs", "tools/examples"]).SelectMany(folder => Directory.EnumerateFiles(Path.Combine(root, folder), "*.md"))
            .Select(path => Path.GetRelativePath(root, path)).Order(StringComparer.Ordinal).Select(Read);
    }

    /// <summary>Reads a document of the repository.</summary>
    public static MarkdownDocument Read(string name) => Parse(name, File.ReadAllLines(Path.Combine(ExamplesTests.Root(), name)));

    /// <exception cref="FormatException">The last block has no end.</exception>
    public static MarkdownDocument Parse(string name, IReadOnlyList<string> lines)
    {
        var blocks = new List<MarkdownBlock>();
        var prose = new List<string>();
        for (var index = 0; index < lines.Count; index++)
        {
            if (Fence.Match(lines[index]) is not { Success: true } fence)
            {
                prose.Add(lines[index]);
                continue;
            }

            // Lines of a block inside a list are indented as far as the fence is.
            var indentation = fence.Groups[1].Length;
            var start = index + 1;
            var end = start;
            while (end < lines.Count && lines[end].Trim() != "```") end++;
            if (end == lines.Count) throw new FormatException($"{name}:{start}: the block has no end.");
            blocks.Add(new(fence.Groups[2].Value, start + 1,
                [.. lines.Skip(start).Take(end - start).Select(line => line[Math.Min(indentation, line.Length)..])]));
            index = end;
        }

        return new(name, blocks, prose);
    }

    /// <summary>The commands of all console blocks, top first.</summary>
    public IEnumerable<ConsoleCommand> Commands() => Blocks.Where(block => block.Language == "console").SelectMany(block => block.Commands(Name));

    /// <summary>The code spans of a line of prose.</summary>
    public static IEnumerable<string> CodeIn(string line) => Code.Matches(line).Select(match => match.Groups[1].Value);

    [GeneratedRegex("^( *)```([a-z]*)$")]
    private static partial Regex Fence { get; }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code { get; }
}

/// <summary>A fenced block.</summary>
/// <param name="Language">The word behind the fence; empty for none.</param>
/// <param name="Line">Number of the first line inside, from 1.</param>
/// <param name="Lines">The lines inside, without the indentation of the fence.</param>
internal sealed record MarkdownBlock(string Language, int Line, IReadOnlyList<string> Lines)
{
    /// <summary>Splits a console block into its commands. <c>$ </c> begins a command; <c>&gt; </c> continues it on the next line, as a shell prompts.
    /// All other lines are the output of the command above.</summary>
    /// <exception cref="FormatException">The block does not begin with a command.</exception>
    public IEnumerable<ConsoleCommand> Commands(string document)
    {
        for (var index = 0; index < Lines.Count;)
        {
            if (!Lines[index].StartsWith("$ ", StringComparison.Ordinal))
                throw new FormatException($"{document}:{Line + index}: a console block begins with '$ ' and a command.");
            var line = Line + index;
            var text = Lines[index++][2..];
            for (; index < Lines.Count && Lines[index].StartsWith("> ", StringComparison.Ordinal); index++) text += $"\n{Lines[index][2..]}";
            var output = Lines.Skip(index).TakeWhile(other => !other.StartsWith("$ ", StringComparison.Ordinal)).ToArray();
            index += output.Length;
            yield return new(line, text, output);
        }
    }
}

/// <summary>A command that a document shows.</summary>
/// <param name="Line">Number of its line in the document, from 1.</param>
/// <param name="Text">The command as a shell reads it.</param>
/// <param name="Output">The lines that the document shows below it.</param>
internal sealed record ConsoleCommand(int Line, string Text, IReadOnlyList<string> Output);
