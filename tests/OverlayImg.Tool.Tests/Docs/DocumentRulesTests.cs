using System.Text.RegularExpressions;

namespace OverlayImg.Tool.Tests.Docs;

/// <summary>What holds for every document, whatever its commands print.</summary>
public sealed partial class DocumentRulesTests(InstalledTool tool)
{
    private static readonly string[] Languages = ["console", "text", "json", "csharp", "dockerfile", "markdown"];

    [Fact]
    public void Every_fenced_block_is_a_console_or_holds_no_command()
    {
        foreach (var document in MarkdownDocument.All())
        {
            foreach (var block in document.Blocks)
            {
                Assert.Contains(block.Language, Languages);
                if (block.Language != "console") Assert.DoesNotContain(block.Lines, line => Command.IsMatch(line));
            }

            // An indented block is one, too.
            Assert.DoesNotContain(document.Prose, line => line.StartsWith("    ", StringComparison.Ordinal) && Command.IsMatch(line));
        }
    }

    [Fact]
    public void Every_exception_is_of_use()
    {
        var documents = MarkdownDocument.All().ToArray();
        var commands = documents.SelectMany(document => document.Commands()).Select(command => command.Text).ToArray();
        var prose = string.Join('\n', documents.SelectMany(document => document.Prose));
        Assert.All(DocumentedCommands.NotRun, other => Assert.Contains(other.Command, commands));
        Assert.All(DocumentedCommands.Substitutions, substitution => Assert.Contains(commands, substitution.Pattern.IsMatch));
        Assert.All(DocumentedCommands.OptionsOfOthers, option => Assert.Contains(option, prose, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_option_and_every_verb_that_a_document_names_exists()
    {
        var help = await HelpAsync();
        var options = OptionName.Matches(string.Concat(help.Values)).Select(match => match.Value)
            .Concat(DocumentedCommands.OptionsOfOthers).ToHashSet(StringComparer.Ordinal);
        var unknown = new List<string>();
        foreach (var document in MarkdownDocument.All())
        {
            foreach (var code in document.Prose.SelectMany(MarkdownDocument.CodeIn))
            {
                var verb = Verb.Match(code);
                if (verb.Success && !help.ContainsKey(verb.Groups[1].Value)) unknown.Add($"{document.Name}: {code}");
                // A command of another program has that program's options.
                if (!verb.Success && !code.StartsWith('-')) continue;
                unknown.AddRange(OptionName.Matches(code).Select(match => match.Value).Where(option => !options.Contains(option))
                    .Select(option => $"{document.Name}: {option}"));
            }
        }

        Assert.Empty(unknown);
    }

    [Fact]
    public void Every_link_leads_to_a_file_and_a_heading()
    {
        var broken = new List<string>();
        foreach (var document in MarkdownDocument.All())
        {
            foreach (var link in document.Prose.SelectMany(line => Link.Matches(line)).Select(match => match.Groups[1].Value))
            {
                if (link.Contains("://", StringComparison.Ordinal)) continue;
                var parts = link.Split('#');
                var path = parts[0].Length == 0 ? document.Name : Path.Combine(Path.GetDirectoryName(document.Name)!, parts[0]);
                var exists = Path.Exists(Path.Combine(ExamplesTests.Root(), path));
                if (!exists || (parts.Length > 1 && !MarkdownDocument.Read(path).Prose.Any(line => AnchorOf(line) == parts[1])))
                    broken.Add($"{document.Name}: {link}");
            }
        }

        Assert.Empty(broken);
    }

    [Fact]
    public void Every_message_that_a_document_explains_is_in_the_source()
    {
        var source = MessageSource.Read();
        var messages = MarkdownDocument.Read("docs/troubleshooting.md").Blocks.Where(block => block.Language == "text")
            .SelectMany(block => block.Lines).ToArray();
        Assert.NotEmpty(messages);
        Assert.Empty(messages.SelectMany(message => source.MissingParts(message).Select(part => $"'{part}' of: {message}")));
        Assert.NotEmpty(source.MissingParts("overlayimg: FILE: is not their. Check the path."));
    }

    [Fact]
    public void Every_file_for_CI_calls_the_script_that_the_tests_run_and_sets_variables_that_the_tool_reads()
    {
        var known = File.ReadAllText(Path.Combine(ExamplesTests.Root(), "docs/reference.md"));
        var files = Directory.GetFiles(Path.Combine(ExamplesTests.Root(), "docs/ci")).Where(file => !file.EndsWith(".sh", StringComparison.Ordinal));
        Assert.All(files, file =>
        {
            var text = File.ReadAllText(file);
            Assert.Contains("ci/image.sh", text, StringComparison.Ordinal);
            Assert.Contains("OVERLAYIMG_CACHE_DIR", text, StringComparison.Ordinal);
            Assert.All(ToolVariable.Matches(text), match => Assert.Contains($"`{match.Value}`", known, StringComparison.Ordinal));
        });
    }

    // As GitHub makes them of headings.
    private static string? AnchorOf(string line) => line.StartsWith('#')
        ? NotInAnchors.Replace(line.TrimStart('#').Trim().ToLowerInvariant(), "").Replace(' ', '-')
        : null;

    // Each verb's help by the verb's name, and the tool's own.
    private async Task<Dictionary<string, string>> HelpAsync()
    {
        var overview = await HelpAsync([]);
        var help = new Dictionary<string, string> { ["tool"] = overview };
        var verbs = ListedVerb.Matches(overview[overview.IndexOf("Make images:", StringComparison.Ordinal)..]).Select(match => match.Groups[1].Value);
        foreach (var verb in verbs) help[verb] = await HelpAsync([verb]);
        foreach (var verb in (string[])["ls", "prune", "path"]) help[$"cache {verb}"] = await HelpAsync(["cache", verb]);
        return help;
    }

    private async Task<string> HelpAsync(string[] verb) => (await tool.RunAsync([.. verb, "--help"])).Succeeded().StandardOutput;

    [GeneratedRegex(@"^\s*(?:\$ |overlayimg |\./|tools/|dotnet |docker )")]
    private static partial Regex Command { get; }

    [GeneratedRegex(@"(?<![\w-])--[a-z][a-z0-9-]*")]
    private static partial Regex OptionName { get; }

    [GeneratedRegex("^overlayimg ([a-z][a-z-]*)")]
    private static partial Regex Verb { get; }

    [GeneratedRegex(@"^  ([a-z][a-z-]*) ", RegexOptions.Multiline)]
    private static partial Regex ListedVerb { get; }

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link { get; }

    [GeneratedRegex("OVERLAYIMG_[A-Z_]+|REGISTRY_AUTH_FILE")]
    private static partial Regex ToolVariable { get; }

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchors { get; }
}
