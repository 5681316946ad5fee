using System.CommandLine;
using System.IO.Pipes;
using OverlayImg.Cli.Options;
using OverlayImg.Layers.Contents;

namespace OverlayImg.Cli.Tests;

/// <summary>Contents and copies keep the order of the command line.</summary>
public sealed class ContentsOrderTests
{
    [Theory]
    [InlineData("a -> /, x -> /x", "--contents", "a", "--copy", "x:/x")]
    [InlineData("x -> /x, a -> /", "--copy", "x:/x", "--contents", "a")]
    [InlineData("x -> /x, a -> /, y -> /y, b -> /", "--copy=x:/x", "--contents=a", "--exclude", "c", "--copy", "y:/y", "--contents", "b")]
    [InlineData("a -> /, x -> --contents, b -> /", "--contents", "a", "--copy", "x:--contents", "--contents", "b")]
    [InlineData("x -> /x, y -> /y", "--copy", "x:/x", "--copy", "y:/y")]
    [InlineData("", "--exclude", "c")]
    public void Sources_have_the_order_of_the_command_line(string expected, params string[] arguments) =>
        Assert.Equal(expected, Read(LayerContents.None, arguments));

    [Theory]
    [InlineData("s -> /, t -> /t")]
    [InlineData("a -> /, t -> /t", "--contents", "a")]
    [InlineData("s -> /, x -> /x", "--copy", "x:/x")]
    [InlineData("x -> /x, a -> /", "--copy", "x:/x", "--contents", "a")]
    public void An_option_replaces_the_sources_of_its_kind_in_a_spec(string expected, params string[] arguments) =>
        Assert.Equal(expected, Read(LayerContents.None with { Sources = ["s", CopyTarget.Parse("t:/t")!] }, arguments));

    [Fact]
    public void A_wrong_copy_is_wrong_usage_with_the_form()
    {
        var (_, command) = Create();
        var error = Assert.Single(command.Parse(["--copy", "x"]).Errors);
        Assert.Contains("'x' is not what --copy takes: give SRC:DST, SRC:DST:OWNER or SRC:DST:OWNER:GROUP", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pipe_is_not_read_by_two_runs()
    {
        using var pipe = new AnonymousPipeServerStream(PipeDirection.Out);
        var path = $"/proc/self/fd/{pipe.SafePipeHandle.DangerousGetHandle()}";
        var (check, command) = (new CheckOption(), new RootCommand());
        check.AddTo(command);
        LayerContents Of(string source) => LayerContents.None with { Sources = [new(source) { Copy = new("/x") }] };
        Assert.True(check.Read(command.Parse(["--check"]), null, Of("/proc/self/exe"), new()));
        Assert.False(check.Read(command.Parse([]), null, Of(path), new()));
        var refusal = Assert.Throws<UsageException>(() => check.Read(command.Parse(["--check"]), null, Of(path), new()));
        Assert.Contains("can be read only once", refusal.Message, StringComparison.Ordinal);
    }

    private static string Read(LayerContents otherwise, string[] arguments)
    {
        var (group, command) = Create();
        var parsed = command.Parse(arguments);
        Assert.Empty(parsed.Errors);
        return string.Join(", ", group.Read(parsed, otherwise).Sources.Select(source => $"{source.Path} -> {source.Copy?.Destination ?? "/"}"));
    }

    private static (ContentsGroup Group, Command Command) Create()
    {
        var (group, command) = (new ContentsGroup(), new RootCommand());
        group.AddTo(command);
        return (group, command);
    }
}
