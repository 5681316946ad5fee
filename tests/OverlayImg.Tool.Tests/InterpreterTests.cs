using OverlayImg.Testing;

namespace OverlayImg.Tool.Tests;

/// <summary>A script's first line decides what runs it, as with docker's RUN of a file, where the image has that program.</summary>
public sealed class InterpreterTests(InstalledTool tool)
{
    [Theory]
    [InlineData("#!/bin/sh\nfalse\nreadlink /proc/$$/exe > /made\n", "/usr/bin/dash\n")]
    [InlineData("#! /usr/bin/perl -w \nopen(my $made, '>', '/made'); print $made $^W;\n", "1")]
    [InlineData("#!/usr/bin/env perl\nopen(my $made, '>', '/made'); print $made 'env';\n", "env")]
    [InlineData("#!/bin/bash -e\nreadlink /proc/$$/exe > /made\n", "/usr/bin/bash\n")]
    public async Task The_program_of_the_image_runs_it(string script, string made)
    {
        using var directory = new TemporaryDirectory();
        (await tool.RootLayerAsync(directory["layer"], script, "--from", InstalledTool.DebianBase)).Succeeded();
        Assert.Equal(made, await Testing.Tool.OutputAsync("tar", "-xOf", directory["layer/layer.tar"], "./made"));
    }

    [Fact]
    public async Task A_program_that_the_image_lacks_is_named()
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
    public async Task Else_the_guests_bash_does_and_ends_at_the_first_command_that_fails(string script)
    {
        using var directory = new TemporaryDirectory();
        var run = await tool.RootLayerAsync(directory["layer"], script, "--from", InstalledTool.DebianBase);
        Assert.True(run.ExitCode == 5, run.StandardError);
    }
}
