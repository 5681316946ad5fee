using OverlayImg.Testing;

namespace OverlayImg.Tool.Tests;

/// <summary>Tests of interpreter lines: the first line of a script names the program in the image that runs the script.</summary>
public sealed class InterpreterTests(InstalledTool tool)
{
    [Theory]
    [InlineData("#!/bin/sh\nfalse\nreadlink /proc/$$/exe > /made\n", "/usr/bin/dash\n")]
    [InlineData("#! /usr/bin/perl -w \nopen(my $made, '>', '/made'); print $made $^W;\n", "1")]
    [InlineData("#!/usr/bin/env perl\nopen(my $made, '>', '/made'); print $made 'env';\n", "env")]
    [InlineData("#!/bin/bash -e\nreadlink /proc/$$/exe > /made\n", "/usr/bin/bash\n")]
    public async Task The_interpreter_in_the_image_runs_the_script(string script, string made)
    {
        using var directory = new TemporaryDirectory();
        (await tool.RootLayerAsync(directory["layer"], script, "--from", InstalledTool.DebianBase)).Succeeded();
        Assert.Equal(made, await Testing.Tool.OutputAsync("tar", "-xOf", directory["layer/layer.tar"], "./made"));
    }

    [Fact]
    public async Task An_interpreter_that_the_image_lacks_is_named()
    {
        using var directory = new TemporaryDirectory();
        var run = await tool.RootLayerAsync(directory["layer"], "#!/usr/bin/no-such-language\ntouch /made\n", "--from", InstalledTool.DebianBase);
        Assert.Equal(5, run.ExitCode);
        Assert.Contains("/usr/bin/no-such-language, which the image can't run", run.StandardError, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("#!/nix/store/none/bin/bash\nfalse\ntouch /made\n")]
    [InlineData("#!bash\nfalse\ntouch /made\n")]
    [InlineData("#!\nfalse\ntouch /made\n")]
    [InlineData("# no such line\nfalse\ntouch /made\n")]
    public async Task Without_an_interpreter_the_guests_bash_runs_the_script_and_stops_at_the_first_failed_command(string script)
    {
        using var directory = new TemporaryDirectory();
        var run = await tool.RootLayerAsync(directory["layer"], script, "--from", InstalledTool.DebianBase);
        Assert.True(run.ExitCode == 5, run.StandardError);
    }
}
