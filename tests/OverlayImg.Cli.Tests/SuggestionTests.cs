using OverlayImg.Cli.Verbs;

namespace OverlayImg.Cli.Tests;

/// <summary>A message about a mistyped word names the word and the nearest known word.</summary>
public sealed class SuggestionTests
{
    [Theory]
    [InlineData("buidl", "'overlayimg' has no command 'buidl'. Did you mean build?")]
    [InlineData("buidl --from x --otput y", "'overlayimg' has no command 'buidl'. Did you mean build?")]
    [InlineData("cache lst", "'overlayimg cache' has no command 'lst'. Did you mean ls?")]
    [InlineData("xyzzy", "'overlayimg' has no command 'xyzzy'.")]
    [InlineData("__compleet", "'overlayimg' has no command '__compleet'.")]
    [InlineData("cache", "'overlayimg cache' needs a command: give ls, prune or path.")]
    [InlineData("export x --otput x", "'overlayimg export' has no option '--otput'. Did you mean --output?")]
    [InlineData("export x --otput=x", "'overlayimg export' has no option '--otput'. Did you mean --output?")]
    [InlineData("export x", "Option '--output' is required.")]
    [InlineData("build -o x.tar --compresion gzip", "'overlayimg build' has no option '--compresion'. Did you mean --compression?")]
    [InlineData("build -o x.tar --compre gzip", "'overlayimg build' has no option '--compre'. Did you mean --compression?")]
    [InlineData("build -o x.tar --xyzzy", "'overlayimg build' has no option '--xyzzy'.")]
    [InlineData("build -o x.tar -Z", "'overlayimg build' has no option '-Z'.")]
    [InlineData("build -o x.tar --env-va a=b", "'overlayimg build' has no option '--env-va'.")]
    [InlineData("layer -o x --run-as-root s", "'overlayimg layer' has no option '--run-as-root'. It is an option of build and root-layer.")]
    [InlineData("build -o x.tar --format hybird", "'hybird' is not what --format takes: give hybrid, dockertools or oci. Did you mean hybrid?")]
    [InlineData("root-layer -o x --accel tgc", "'tgc' is not what --accel takes: give auto, kvm or tcg. Did you mean tcg?")]
    [InlineData("root-layer -o x --accel xen", "'xen' is not what --accel takes: give auto, kvm or tcg.")]
    [InlineData("completion zhs", "There is no completion for the shell 'zhs': give bash, zsh or fish. Did you mean zsh?")]
    [InlineData("tarsum a b", "'overlayimg tarsum' takes no further argument, but 'b' is given.")]
    public void The_nearest_word_is_suggested(string arguments, string message) =>
        Assert.Equal([message], UsageComplaints.Of(CommandLine.Create().Parse(arguments.Split(' '))));

    [Theory]
    [InlineData("otput", "output input", "output")]
    [InlineData("tgc", "kvm tcg", "tcg")]
    [InlineData("BUILD", "build", "build")]
    [InlineData("ab", "cd ef", null)]
    [InlineData("inspec", "inspect", "inspect")]
    [InlineData("comp", "compression completely", "compression")]
    [InlineData("", "ls", null)]
    [InlineData("abcdefgh", "", null)]
    public void The_nearest_name_differs_in_few_letters(string word, string known, string? nearest) =>
        Assert.Equal(nearest, NearestName.Of(word, known.Split(' ', StringSplitOptions.RemoveEmptyEntries)));

    [Theory]
    [InlineData("cache help", "overlayimg cache")]
    [InlineData("cache help ls", "overlayimg cache ls")]
    [InlineData("build help", "overlayimg build")]
    [InlineData("build -o x help", null)]
    [InlineData("build -o x", null)]
    [InlineData("tarsum help", null)]
    public void Help_behind_a_verb_asks_for_its_help_unless_it_is_an_argument(string arguments, string? command) =>
        Assert.Equal(command, HelpVerb.AskedBy(CommandLine.Create().Parse(arguments.Split(' '))) is { } asked ? CommandNames.Of(asked) : null);
}
