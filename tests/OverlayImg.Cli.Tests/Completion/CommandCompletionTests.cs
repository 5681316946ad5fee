using System.CommandLine;
using OverlayImg.Cli.Completion;
using OverlayImg.Cli.Verbs;
using OverlayImg.Testing;

namespace OverlayImg.Cli.Tests.Completion;

/// <summary>The words that can stand at the cursor.</summary>
public sealed class CommandCompletionTests : IDisposable
{
    // Options whose values are paths of the container.
    private static readonly string[] NotOfTheHost = ["--workdir", "--volume"];

    private static readonly RootCommand Root = CommandLine.Create();

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("|ca", "cache")]
    [InlineData("cache|", "ls prune path")]
    [InlineData("cache|pr", "prune")]
    [InlineData("help|inspe", "inspect")]
    [InlineData("help cache|l", "ls")]
    [InlineData("|__", "")]
    [InlineData("completion|", "bash zsh fish")]
    [InlineData("snippet|shadow", "shadow-setup")]
    [InlineData("build --format|", "hybrid dockertools oci")]
    [InlineData("merge-images --format|", "hybrid oci")]
    [InlineData("build|--format=d", "--format=dockertools")]
    [InlineData("build -o x.tar|--outp", "")]
    [InlineData("build --output=x.tar|--outp", "")]
    [InlineData("build --contents x|--cont", "--contents")]
    [InlineData("build|--env", "--env")]
    [InlineData("root-layer|--script-e", "--script-env")]
    [InlineData("build --json|--js", "")]
    [InlineData("build --no-such-option|--nix", "--nix-db")]
    [InlineData("cache ls|--cache-d", "--cache-dir")]
    [InlineData("build --name|--na", "")]
    [InlineData("tarsum --|--max", "")]
    [InlineData("no-such-verb|--acc", "")]
    public void The_candidates_fit_the_place(string typed, string expected)
    {
        var (before, word) = typed.Split('|') switch { var parts => (parts[0], parts[1]) };
        var candidates = CommandCompletion.Complete(Root, before.Split(' ', StringSplitOptions.RemoveEmptyEntries), word);
        Assert.Equal(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries), candidates.Select(candidate => candidate.Text));
    }

    [Fact]
    public void A_verb_without_arguments_is_continued_by_options()
    {
        var candidates = CommandCompletion.Complete(Root, ["build"], "");
        Assert.Contains(candidates, candidate => candidate is { Text: "--contents", Description.Length: > 0 });
        Assert.All(candidates, candidate => Assert.StartsWith("--", candidate.Text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Paths_stand_behind_transports_and_directories_end_with_a_slash()
    {
        await Testing.Tool.BashAsync("mkdir ab .hidden; touch ac 'a*' $'a\\nb'; ln -s ab ad", _directory.Path);
        var start = _directory["a"];
        Assert.Equal([$"{start}*", $"{start}b/", $"{start}c", $"{start}d/"], Of("export", start));
        Assert.Equal([$"oci:{start}b/", $"oci:{start}d/"], Of("export", $"oci:{start}"));
        Assert.Equal([$"docker-archive:{start}c"], Of("export", $"docker-archive:{start}c"));
        Assert.Equal(["docker-archive:", "docker://"], Of("export", "docker"));
        Assert.DoesNotContain(Of("export", _directory.Path + "/"), path => path.Contains(".hidden", StringComparison.Ordinal));
        Assert.Equal([_directory[".hidden/"]], Of("export", _directory[".h"]));
        Assert.Empty(Of("export", _directory["none/x"]));
        Assert.Empty(Of("export", "docker://deb"));
    }

    [Fact]
    public async Task A_damaged_archive_or_a_pipe_has_no_names()
    {
        await Testing.Tool.BashAsync("head -c 5000 /dev/urandom > damaged.tar; mkfifo pipe; touch empty.tar; mkdir directory", _directory.Path);
        foreach (var name in (string[])["damaged.tar", "pipe", "empty.tar", "directory", "missing"])
            Assert.Empty(CommandCompletion.Complete(Root, ["export", _directory[name], "--from-tag"], ""));
    }

    [Fact]
    public async Task Names_of_a_compressed_archive_are_found()
    {
        await Testing.Tool.BashAsync("""
            echo '[{"RepoTags":["a:1","b/c:2"]},{"RepoTags":["a:3"]}]' > manifest.json
            head -c 100000 /dev/urandom > layer
            tar -czf image.tar.gz layer manifest.json
            """, _directory.Path);
        var image = _directory["image.tar.gz"];
        string[] Names(params string[] before) => [.. Of(before, "")];
        Assert.Equal(["a", "b/c"], Names("export", image, "--from-name"));
        Assert.Equal(["1", "3"], Names("build", "--from", image, "--from-name", "a", "--from-tag"));
        Assert.Equal(["1", "2", "3"], Names("inspect", $"docker-archive:{image}", "--tag"));
    }

    [Fact]
    public void Every_option_for_a_path_is_completed()
    {
        string[] forms = ["FILE", "DIR", "PATH", "IMAGE", "SRC:DST", "NAME:DST", "NAME=SRC", "OUT", "FILE|JSON"];
        var options = Commands(Root).SelectMany(command => command.Options).Where(option => !option.Hidden).ToArray();
        var paths = options.Where(option => forms.Contains(option.HelpName));
        Assert.All(paths.Where(option => !NotOfTheHost.Contains(option.Name)), option =>
            Assert.True(option.Completion() is not null, $"{option.Name} takes {option.HelpName}, and nothing completes it."));
        var choices = options.Where(option => option.HelpName is { } form && form.Contains('|', StringComparison.Ordinal));
        Assert.All(choices.Where(option => option.HelpName is not "WORD|JSON"), option => Assert.NotNull(option.Completion()));
    }

    [Theory]
    [InlineData("overlayimg export a\\ b 'c d' \"e \\\" f\" g", ":=", "overlayimg,export,a b,c d,e \" f,g", "")]
    [InlineData("overlayimg copy oci:la", " :=", "overlayimg,copy,oci:la", "oci:")]
    [InlineData("overlayimg copy oci:la", " =", "overlayimg,copy,oci:la", "")]
    [InlineData("overlayimg copy 'oci:la", ":=", "overlayimg,copy,oci:la", "")]
    [InlineData("overlayimg copy ", ":=", "overlayimg,copy,", "")]
    [InlineData("overlayimg build --from=oci:a", ":=", "overlayimg,build,--from=oci:a", "--from=oci:")]
    public void A_line_is_divided_as_bash_does(string line, string breaks, string words, string kept)
    {
        var parsed = BashLine.Parse(line, breaks);
        Assert.Equal(words.Split(','), parsed.Words);
        Assert.Equal(kept, parsed.Kept);
    }

    private static IEnumerable<string> Of(string verb, string word) => Of([verb], word);

    // A machine that runs many tests at once takes longer than a user would wait.
    private static IEnumerable<string> Of(string[] before, string word) =>
        CommandCompletion.Complete(new CompletionLine(Root, before) { LongestWait = TimeSpan.FromMinutes(2) }, word)
            .Select(candidate => candidate.Text);

    private static IEnumerable<Command> Commands(Command command) => command.Subcommands.SelectMany(Commands).Prepend(command);
}
