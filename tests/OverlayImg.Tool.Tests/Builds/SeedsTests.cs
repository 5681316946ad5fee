using OverlayImg.Tool.Tests.Judges;

namespace OverlayImg.Tool.Tests.Builds;

/// <summary>Tests that <c>build --format dockertools</c> writes the same bytes as dockerTools' buildImage.</summary>
public sealed class SeedsTests(InstalledTool tool, BuildBench bench) : IClassFixture<BuildBench>
{
    private const string NestedConfig =
        """{"Cmd":["a b","é\u007f/😀\\\"\t"],"Nested":""" +
        """{"list":[1,2.50,{"none":null},[],{}],"n":1e3,"small":0.00001},"Volumes":{"/d":{}},"Zed":12345678901}""";

    [Theory]
    [InlineData("app", "1.0", "null")]
    [InlineData("Team/App", "V1", "{}")]
    [InlineData("registry:5000/x/y", "1", """{"Env":["A=1","B=/bin:/x"],"Cmd":["/bin/sh"]}""")]
    [InlineData("app", "1.0", NestedConfig)]
    public Task Without_a_base(string name, string tag, string config) =>
        AssertSameAsync(new(name, tag, BuildBench.BaseJson(config)) { Contents = [bench.Contents] }, config);

    [Fact]
    public Task With_owners_a_time_and_a_date() =>
        AssertSameAsync(
            new("app", "1", BuildBench.BaseJson("null", "2026-01-31T12:00:00+02:00"))
            {
                Contents = [bench.Contents],
                Uid = 4242,
                Gid = 70001,
                Time = 86400,
            },
            "null", "--uid", "4242", "--gid", "70001", "--created", "2026-01-31T12:00:00+02:00");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task With_several_contents_and_extra_commands(bool keepDirlinks)
    {
        const string Commands = "mkdir -p made; echo $((6 * 7)) > made/x; rm bin/ls; ln -s x made/y";
        return AssertSameAsync(
            new("app", "1", BuildBench.BaseJson("null"))
            {
                Contents = [bench.Contents, bench.MoreContents],
                KeepDirlinks = keepDirlinks,
                ExtraCommands = Commands,
            },
            "null", keepDirlinks ? ["--keep-contents-dirlinks"] : []);
    }

    [Fact]
    public Task Without_contents() => AssertSameAsync(new("empty", "1", BuildBench.BaseJson("null")), "null");

    [Fact]
    public Task With_a_closure() => AssertSameAsync(
        new("app", "1", BuildBench.BaseJson("null")) { Contents = [bench.Contents], Closure = bench["closure"], Store = bench.Store }, "null");

    [Theory]
    [InlineData("null")]
    [InlineData("""{"Cmd":["/bin/sh"],"Env":["OTHER=x"]}""")]
    public Task On_a_base_that_docker_saved(string config) =>
        AssertSameAsync(new("Derived", "T", BuildBench.BaseJson(config)) { Contents = [bench.MoreContents], From = bench.DockerBase }, config);

    [Fact]
    public Task With_a_closure_that_the_base_has_in_part() => AssertSameAsync(
        new("derived", "1", BuildBench.BaseJson("null"))
        {
            From = bench.DockerBase,
            Closure = bench["second-closure"],
            Store = bench.Store,
        },
        "null");

    private async Task AssertSameAsync(SeedsImage image, string config, params string[] options)
    {
        var (expected, actual) = (bench["expected.tar"], bench["actual.tar"]);
        await bench.Seeds.BuildAsync(image, expected);
        await File.WriteAllTextAsync(bench["config.json"], config);
        await File.WriteAllTextAsync(bench["commands"], image.ExtraCommands);
        List<string> arguments = ["build", "--format", "dockertools", "--name", image.Name, "--tag", image.Tag, "-o", actual, .. options];
        if (config != "null") arguments.AddRange(["--config", bench["config.json"]]);
        foreach (var item in image.Contents) arguments.AddRange(["--contents", item]);
        if (image.ExtraCommands.Length > 0) arguments.AddRange(["--extra-commands", bench["commands"]]);
        if (image.From is not null) arguments.AddRange(["--from", image.From]);
        if (image.Closure is not null) arguments.AddRange(["--closure", image.Closure]);
        var environment = new Dictionary<string, string?> { ["SOURCE_DATE_EPOCH"] = $"{image.Time}" };
        var run = image.Closure is null
            ? await tool.RunAsync(arguments, environment: environment)
            : await tool.RunInStoreAsync(image.Store, arguments);
        Assert.True(run.ExitCode == 0, run.StandardError);
        var compared = await Testing.Tool.RunAsync("cmp", [expected, actual]);
        Assert.True(compared.ExitCode == 0, compared.StandardOutput + await Testing.Tool.OutputAsync("tar", "-tvf", actual));
    }
}
