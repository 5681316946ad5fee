using System.Text.Json;
using OverlayImg.Testing;

namespace OverlayImg.Tool.Tests.Builds;

/// <summary>Tests of the defaults of Dockerfiles and of dockerTools, and of the warnings about them.</summary>
public sealed class DialectTests(InstalledTool tool) : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();

    public async ValueTask InitializeAsync()
    {
        await Testing.Tool.BashAsync(
            """
            mkdir -p base contents/usr/lib; echo base > base/file; echo lib > contents/usr/lib/lib.so
            ln -s usr/lib contents/lib; ln -s lib.so contents/usr/lib/lib.so.1
            """, _directory.Path);
        (await RunAsync(
            "build", "--contents", "base", "--cmd", "/bin/app", "--cmd", "serve", "--user", "web", "--workdir", "/srv", "--label", "from=base",
            "--env", "A=base",
            "--name", "base", "--tag", "1", "-o", "base.tar")).Succeeded();
    }

    public ValueTask DisposeAsync()
    {
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("build")]
    [InlineData("build-layered")]
    public async Task By_default_the_config_is_inherited_links_stay_and_there_are_no_warnings(string verb)
    {
        var run = await BuildAsync(verb, "--label", "own=1", "--env", "B=own");
        Assert.Equal(
            """{"Cmd":["/bin/app","serve"],"Labels":{"from":"base","own":"1"},"User":"web","WorkingDir":"/srv","Env":["A=base","B=own"]}""",
            await ConfigAsync());
        Assert.Contains("./lib -> usr/lib", await TopLayerAsync(), StringComparison.Ordinal);
        Assert.Empty(Warnings(run));
    }

    [Theory]
    [InlineData("build")]
    [InlineData("build-layered")]
    public async Task dockerTools_format_drops_the_config_copies_linked_directories_and_warns_once(string verb)
    {
        var run = await BuildAsync(verb, "--format", "dockertools");
        Assert.Equal("""{"Env":["A=base"]}""", await ConfigAsync());
        var listing = await TopLayerAsync();
        Assert.Contains("./lib/lib.so", listing, StringComparison.Ordinal);
        Assert.DoesNotContain("-> usr/lib", listing, StringComparison.Ordinal);
        Assert.Equal(
            [
                "contents: 1 symbolic link to a directory becomes a copy of it; the first is lib.",
                "The image does not inherit the base image's Cmd, Labels, User, WorkingDir (--inherit-config).",
            ],
            Warnings(run).Order(StringComparer.Ordinal).Reverse());
    }

    [Fact]
    public async Task A_spec_has_dockerTools_defaults_and_options_win_over_them()
    {
        await File.WriteAllTextAsync(_directory["spec.json"], """{"name":"app","tag":"1","fromImage":"base.tar","copyToRoot":["contents"]}""");
        var run = (await RunAsync("build", "--spec", "spec.json", "-o", "app.tar", "--json")).Succeeded();
        Assert.Equal(2, Warnings(run).Length);
        Assert.Equal("""{"Env":["A=base"]}""", await ConfigAsync());
        run = (await RunAsync("build", "--spec", "spec.json", "-o", "app.tar", "--json", "--inherit-config", "--keep-contents-dirlinks")).Succeeded();
        Assert.Empty(Warnings(run));
        Assert.Equal(
            """{"Cmd":["/bin/app","serve"],"Labels":{"from":"base"},"User":"web","WorkingDir":"/srv","Env":["A=base"]}""", await ConfigAsync());
        Assert.Contains("./lib -> usr/lib", await TopLayerAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explicit_options_give_no_warnings()
    {
        var run = await BuildAsync("build", "--no-inherit-config", "--follow-contents-dirlinks");
        Assert.Equal("""{"Env":["A=base"]}""", await ConfigAsync());
        Assert.Contains("./lib/lib.so", await TopLayerAsync(), StringComparison.Ordinal);
        Assert.Empty(Warnings(run));
    }

    [Fact]
    public async Task Layer_has_the_defaults_of_a_Dockerfile()
    {
        (await RunAsync("layer", "--contents", "contents", "-o", "layer")).Succeeded();
        Assert.Contains("./lib -> usr/lib", await Testing.Tool.BashAsync("tar -tvf layer/layer.tar", _directory.Path), StringComparison.Ordinal);
        (await RunAsync("layer", "--contents", "contents", "--follow-contents-dirlinks", "-o", "copied")).Succeeded();
        Assert.DoesNotContain("-> usr/lib", await Testing.Tool.BashAsync("tar -tvf copied/layer.tar", _directory.Path), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scripts_get_the_variables_of_the_container_and_script_variables_are_not_in_the_config()
    {
        await File.WriteAllTextAsync(_directory["script"], "printf '%s\\n' \"$A $B $C $D\" > /variables; env | grep '^e[.]f=' >> /variables");
        (await RunAsync(
            "build", "--from", InstalledTool.DebianBase, "--run-as-root", "script", "--env", "A=container", "--env", "C=container",
            "--env", "e.f=dotted", "--env-var", "D=old name",
            "--script-env", "B=script", "--script-env", "C=script", "--name", "app", "--tag", "1", "-o", "app.tar")).Succeeded();
        Assert.Equal(
            "container script script old name\ne.f=dotted\n",
            await Testing.Tool.BashAsync(
                "tar -xOf app.tar $(tar -xOf app.tar manifest.json | jq -r '.[0].Layers[-1]') | tar -xO ./variables", _directory.Path));
        var variables = await Testing.Tool.BashAsync(
            "tar -xOf app.tar $(tar -xOf app.tar manifest.json | jq -r '.[0].Config') | jq -c '.config.Env'", _directory.Path);
        Assert.EndsWith(
            """["D=old name","A=container","C=container","e.f=dotted"]""" + "\n",
            "[" + variables[variables.IndexOf("\"D=", StringComparison.Ordinal)..]);
    }

    [Fact]
    public async Task The_old_name_of_an_option_works_and_is_not_in_the_help()
    {
        (await BuildAsync("build", "--env-var", "OLD=1")).Succeeded();
        Assert.Contains("\"OLD=1\"", await ConfigAsync(), StringComparison.Ordinal);
        var help = (await RunAsync("build", "--help")).Succeeded().StandardOutput;
        Assert.Contains("--env <NAME=VALUE>", help, StringComparison.Ordinal);
        Assert.DoesNotContain("--env-var", help, StringComparison.Ordinal);
    }

    private Task<ToolResult> RunAsync(params string[] arguments) => tool.RunAsync(arguments, directory: _directory.Path);

    private async Task<ToolResult> BuildAsync(string verb, params string[] arguments) => (await RunAsync(
        [verb, "--from", "base.tar", "--contents", "contents", "--name", "app", "--tag", "1", "--json", "-o", "app.tar", .. arguments])).Succeeded();

    private async Task<string> ConfigAsync() => (await Testing.Tool.BashAsync(
        "tar -xOf app.tar $(tar -xOf app.tar manifest.json | jq -r '.[0].Config') | jq -c .config", _directory.Path)).Trim();

    private Task<string> TopLayerAsync() => Testing.Tool.BashAsync(
        "tar -xOf app.tar $(tar -xOf app.tar manifest.json | jq -r '.[0].Layers[-1]') | tar -tv", _directory.Path);

    private static string[] Warnings(ToolResult run)
    {
        using var json = JsonDocument.Parse(run.StandardOutput);
        return [.. json.RootElement.GetProperty("warnings").EnumerateArray().Select(warning => warning.GetString()!)];
    }
}
