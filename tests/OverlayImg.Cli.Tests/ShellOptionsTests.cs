using System.CommandLine;
using OverlayImg.Cli.Options;
using OverlayImg.Cli.Verbs;

namespace OverlayImg.Cli.Tests;

/// <summary>When <c>root-layer</c> opens an interactive shell, and which options a shell excludes.</summary>
public sealed class ShellOptionsTests
{
    private readonly StepOptions _steps = new();
    private readonly Option<bool> _shadowSetup = new("--shadow-setup");
    private readonly ShellOptions _shell;

    public ShellOptionsTests() => _shell = new(_steps, _shadowSetup);

    [Theory]
    [InlineData(true)]
    [InlineData(true, "--keep-script", "k")]
    [InlineData(true, "--keep-script", "k", "--shadow-setup")]
    [InlineData(false, "--shadow-setup")]
    [InlineData(false, "--run", "true")]
    [InlineData(false, "--run-as-root", "f", "--reuse", "--check")]
    public void On_a_terminal_a_shell_opens_if_there_is_nothing_else_to_run(bool isWanted, params string[] arguments) =>
        Assert.Equal(isWanted, IsWanted(arguments, hasTerminal: true));

    [Theory]
    [InlineData("There is nothing to run: give --run-as-root FILE (or - for stdin) or --run 'COMMANDS'. The interactive shell opens only if stdin")]
    [InlineData("--keep-script needs the interactive shell, which opens only if stdin and stderr are a terminal.", "--keep-script", "k")]
    public void Without_a_terminal_a_script_is_needed(string message, params string[] arguments) =>
        Assert.StartsWith(message, Refusal(arguments, hasTerminal: false), StringComparison.Ordinal);

    [Theory]
    [InlineData("--keep-script keeps the commands of the interactive shell", "--keep-script", "k", "--run", "true")]
    [InlineData("--keep-script writes a file, and '-' is none", "--keep-script", "-")]
    [InlineData("--check runs the scripts twice", "--check")]
    [InlineData("--reuse takes the layer of an earlier run", "--reuse")]
    public void Options_that_do_not_fit_a_shell_are_refused(string message, params string[] arguments) =>
        Assert.StartsWith(message, Refusal(arguments, hasTerminal: true), StringComparison.Ordinal);

    [Fact]
    public void A_shell_needs_stdin_for_itself() =>
        Assert.Contains("stdin can't be read for -", Refusal([], hasTerminal: true, readsStandardInput: true), StringComparison.Ordinal);

    [Fact]
    public void The_verb_has_the_option_and_a_name_for_each_option_that_is_refused()
    {
        var verb = Assert.Single(CommandLine.Create().Subcommands, command => command.Name == "root-layer");
        string[] names = [.. verb.Options.Select(option => option.Name)];
        Assert.Superset(new HashSet<string> { "--keep-script", "--check", "--reuse" }, names.ToHashSet());
    }

    private string Refusal(string[] arguments, bool hasTerminal, bool readsStandardInput = false) =>
        Assert.Throws<UsageException>(() => IsWanted(arguments, hasTerminal, readsStandardInput)).Message;

    private bool IsWanted(string[] arguments, bool hasTerminal, bool readsStandardInput = false)
    {
        var command = new RootCommand { _shell.Option, _shadowSetup, new Option<bool>("--check"), new Option<bool>("--reuse") };
        foreach (var option in _steps.All) command.Add(option);
        return _shell.IsWanted(command.Parse(arguments), hasTerminal, readsStandardInput);
    }
}
