using System.Text.RegularExpressions;
using OverlayImg.Testing;
using OverlayImg.Tool.Tests.Judges;

namespace OverlayImg.Tool.Tests.Docs;

/// <summary>Nothing in the documents is untrue: their commands run, and print what the documents show.</summary>
public sealed partial class DocumentsTests(InstalledTool tool, DockerDaemon docker, DocumentRegistry registry) : IClassFixture<DocumentRegistry>, IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public static TheoryData<string> Documents =>
    [
        .. Names().Where(name => MarkdownDocument.Read(name).Commands().Any()),
    ];

    public void Dispose() => _directory.Dispose();

    [Theory]
    [MemberData(nameof(Documents))]
    public async Task Every_command_prints_what_its_document_shows(string document)
    {
        // What the documents' commands work on: a base image, files, scripts. A package of the tool, and a home and a cache for this document alone.
        await Testing.Tool.BashAsync($"bash '{Seeds.Script("documents.sh")}' '{InstalledTool.DebianBase}' '{PackageDirectory()}'", Directory.CreateDirectory(_directory["work"]).FullName);
        await tool.SeedCacheAsync(_directory["home/.cache/overlayimg"]);
        var differences = new List<string>();
        foreach (var command in MarkdownDocument.Read(document).Commands())
        {
            if (DocumentedCommands.NotRun.Any(other => other.Command == command.Text)) continue;
            var result = await RunAsync(command.Text);
            var output = Restored(result.StandardOutput);
            if (result.ExitCode == 0 && ShownOutput.Matches(command.Output, output)) continue;
            differences.Add($"""
                {document}:{command.Line}: $ {command.Text}
                exit code {result.ExitCode}; the document shows:
                {string.Concat(command.Output.Select(line => ShownOutput.Mask(line) + "\n"))}the command prints:
                {ShownOutput.Normalise(output)}unmasked:
                {output}
                """);
        }

        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    [Fact]
    public void Every_fenced_block_is_a_console_or_holds_no_command()
    {
        foreach (var document in Names().Select(MarkdownDocument.Read))
        {
            foreach (var block in document.Blocks)
            {
                Assert.Contains(block.Language, (string[])["console", "text", "json", "csharp", "markdown"]);
                if (block.Language == "console") continue;
                Assert.DoesNotContain(block.Lines, line => Command.IsMatch(line));
            }

            // An indented block is one, too.
            Assert.DoesNotContain(document.Prose, line => line.StartsWith("    ", StringComparison.Ordinal) && Command.IsMatch(line));
        }
    }

    [Fact]
    public void Every_exception_is_of_use()
    {
        var commands = Names().SelectMany(name => MarkdownDocument.Read(name).Commands()).Select(command => command.Text).ToArray();
        Assert.All(DocumentedCommands.NotRun, other => Assert.Contains(other.Command, commands));
        var prose = string.Join('\n', Names().SelectMany(name => MarkdownDocument.Read(name).Prose));
        Assert.All(DocumentedCommands.OptionsOfOthers, option => Assert.Contains(option, prose, StringComparison.Ordinal));
        Assert.All(DocumentedCommands.Substitutions, substitution => Assert.Contains(commands, command => substitution.Pattern.IsMatch(command)));
    }

    [Fact]
    public async Task Every_option_and_every_verb_that_a_document_names_exists()
    {
        var help = await HelpAsync();
        var options = OptionName.Matches(string.Concat(help.Values)).Select(match => match.Value).ToHashSet(StringComparer.Ordinal);
        var unknown = new List<string>();
        foreach (var document in Names().Select(MarkdownDocument.Read))
        {
            foreach (var code in document.Prose.SelectMany(line => Code.Matches(line)).Select(match => match.Groups[1].Value))
            {
                // Inline code that is a command of another program has that program's options.
                if (Verb.Match(code) is { Success: true } verb)
                {
                    if (!help.ContainsKey(verb.Groups[1].Value)) unknown.Add($"{document.Name}: {code}");
                }
                else if (!code.StartsWith('-'))
                {
                    continue;
                }

                unknown.AddRange(OptionName.Matches(code).Select(match => match.Value)
                    .Where(option => !options.Contains(option) && !DocumentedCommands.OptionsOfOthers.Contains(option)).Select(option => $"{document.Name}: {option}"));
            }
        }

        Assert.Empty(unknown);
    }

    [Fact]
    public void Every_link_leads_to_a_file_and_a_heading()
    {
        var broken = new List<string>();
        foreach (var document in Names().Select(MarkdownDocument.Read))
        {
            foreach (var link in document.Prose.SelectMany(line => Link.Matches(line)).Select(match => match.Groups[1].Value))
            {
                if (link.Contains("://", StringComparison.Ordinal)) continue;
                var (path, anchor) = link.Split('#') is [var file, var heading] ? (file, heading) : (link, null);
                var target = path.Length == 0 ? document.Name : Path.Combine(Path.GetDirectoryName(document.Name)!, path);
                var full = Path.GetFullPath(target, ExamplesTests.Root());
                if (!Path.Exists(full)) broken.Add($"{document.Name}: {link}");
                else if (anchor is not null && !MarkdownDocument.Read(Path.GetRelativePath(ExamplesTests.Root(), full)).Prose.Any(line => AnchorOf(line) == anchor))
                    broken.Add($"{document.Name}: {link}");
            }
        }

        Assert.Empty(broken);
    }

    private static IEnumerable<string> Names()
    {
        var root = ExamplesTests.Root();
        return Directory.EnumerateFiles(root, "*.md").Concat(Directory.EnumerateFiles(Path.Combine(root, "docs"), "*.md"))
            .Concat(Directory.EnumerateFiles(Path.Combine(root, "tools/examples"), "*.md"))
            .Select(path => Path.GetRelativePath(root, path)).Order(StringComparer.Ordinal);
    }

    private static string PackageDirectory() => Path.GetDirectoryName(Environment.GetEnvironmentVariable("OVERLAYIMG_TEST_PACKAGE"))!;

    // As GitHub makes them of headings.
    private static string? AnchorOf(string line) => line.StartsWith('#')
        ? NotInAnchors.Replace(line.TrimStart('#').Trim().ToLowerInvariant(), "").Replace(' ', '-')
        : null;

    private async Task<ToolResult> RunAsync(string command)
    {
        foreach (var substitution in DocumentedCommands.Substitutions) command = substitution.Pattern.Replace(command, substitution.Actual(registry));
        // Both streams in the order in which they come, as on a terminal.
        string[] run = ["bash", "-euo", "pipefail", "-c", $"exec 2>&1\n{command}"];
        if (command.Contains("/nix/store", StringComparison.Ordinal)) run = ["bash", Seeds.Script("with-store.sh"), _directory["work/store"], .. run];
        return await Testing.Tool.RunAsync(run[0], run[1..], directory: _directory["work"], environment: await EnvironmentAsync(command));
    }

    private async Task<Dictionary<string, string?>> EnvironmentAsync(string command)
    {
        var environment = new Dictionary<string, string?>
        {
            ["HOME"] = _directory["home"],
            ["DOTNET_CLI_HOME"] = _directory["home"],
            ["DOTNET_NOLOGO"] = "1",
            ["PATH"] = $"{Path.GetDirectoryName(tool.Command)}:{Environment.GetEnvironmentVariable("PATH")}",
            ["TZ"] = "UTC",
            ["LC_ALL"] = "C.UTF-8",
        };
        // A daemon takes seconds to start.
        if (Docker.IsMatch(command)) environment["DOCKER_HOST"] = await docker.HostAsync();
        string[] unset =
        [
            "OVERLAYIMG_GUEST_IMAGE", "OVERLAYIMG_CACHE_DIR", "OVERLAYIMG_CACHE_LIMIT", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR", "SOURCE_DATE_EPOCH",
            "http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy", "DOCKER_CONFIG", "REGISTRY_AUTH_FILE",
        ];
        foreach (var name in unset) environment[name] = null;
        return environment;
    }

    // The output as it would be without the substitutions.
    private string Restored(string output) => output
        .Replace($"{registry.Host}/library/debian", "docker.io/library/debian", StringComparison.Ordinal)
        .Replace(registry.Host, "registry.example.org", StringComparison.Ordinal)
        .Replace(_directory["home"], "/home/you", StringComparison.Ordinal)
        .Replace(_directory["work"], "/home/you/work", StringComparison.Ordinal);

    // Each verb's help by the verb's name, and the tool's own.
    private async Task<Dictionary<string, string>> HelpAsync()
    {
        var help = new Dictionary<string, string> { ["--help"] = (await tool.RunAsync(["--help"])).Succeeded().StandardOutput };
        foreach (var verb in ListedVerb.Matches(help["--help"][help["--help"].IndexOf("Commands:", StringComparison.Ordinal)..]).Select(match => match.Groups[1].Value))
            help[verb] = (await tool.RunAsync([verb, "--help"])).Succeeded().StandardOutput;
        foreach (var verb in (string[])["ls", "prune", "path"]) help[$"cache {verb}"] = (await tool.RunAsync(["cache", verb, "--help"])).Succeeded().StandardOutput;
        return help;
    }

    [GeneratedRegex(@"^\s*(?:\$ |overlayimg |\./|tools/|dotnet |docker )")]
    private static partial Regex Command { get; }

    [GeneratedRegex(@"(?<![\w-])--[a-z][a-z0-9-]*")]
    private static partial Regex OptionName { get; }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code { get; }

    [GeneratedRegex("^overlayimg ([a-z-]+)")]
    private static partial Regex Verb { get; }

    [GeneratedRegex(@"^  ([a-z-]+) ", RegexOptions.Multiline)]
    private static partial Regex ListedVerb { get; }

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link { get; }

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchors { get; }

    [GeneratedRegex(@"(^|[|;] )docker ")]
    private static partial Regex Docker { get; }
}
