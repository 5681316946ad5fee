using System.Text.Json.Nodes;
using OverlayImg.Builders.NewImages;

namespace OverlayImg.Builders.Tests.ImageBuilds;

public sealed class ConfigTests
{
    [Fact]
    public void A_repeated_variable_has_its_last_value_at_its_first_position() => Assert.Equal(
        ["PATH=/own", "LANG=C", "A=", "NO", "B=1=2"],
        EnvironmentMerge.Merge(["PATH=/base", "LANG=C"], ["A=1", "PATH=/own", "NO", "A=", "NO", "B=1=2"]));

    [Fact]
    public void Settings_are_sorted_and_win_over_the_config()
    {
        var settings = new ContainerSettings
        {
            Cmd = ["/bin/sh"],
            Environment = ["A=2", "C=3"],
            ExposedPorts = ["80/tcp", "53/udp"],
            Labels = [new("b", "2"), new("a", "1")],
            User = "web",
            Volumes = ["/data"],
            WorkingDirectory = "/srv",
        };
        Assert.Equal(
            """{"Cmd":["/bin/sh"],"Env":["A=2","C=3"],"ExposedPorts":{"53/udp":{},"80/tcp":{}},"Labels":""" +
            """{"a":"1","b":"2"},"User":"web","Volumes":{"/data":{}},"WorkingDir":"/srv"}""",
            settings.ApplyTo(null)!.ToJsonString());
        Assert.Equal(
            """{"Cmd":["/bin/sh"],"Env":["B=1","A=2","C=3"],"ExposedPorts":{"53/udp":{},"80/tcp":{}},"Labels":""" +
            """{"a":"1","b":"2","c":"3"},"User":"web","Volumes":{"/data":{}},"WorkingDir":"/srv","Zed":1}""",
            settings.ApplyTo(Parse("""{"Cmd":["x"],"Env":["B=1","A=1"],"Labels":{"a":"9","c":"3"},"Zed":1}"""))!.ToJsonString());
        Assert.Null(new ContainerSettings().ApplyTo(null));
        Assert.Equal("{}", new ContainerSettings().ApplyTo([])!.ToJsonString());
    }

    [Theory]
    [InlineData("""{"Cmd":["a"],"Entrypoint":["b"],"User":"u","Healthcheck":{"Test":["x"]}}""", """{"User":"v"}""",
        """{"Cmd":["a"],"Entrypoint":["b"],"User":"v","Healthcheck":{"Test":["x"]}}""")]
    [InlineData("""{"Cmd":["a"],"Entrypoint":["b"]}""", """{"Entrypoint":["c"]}""", """{"Entrypoint":["c"]}""")]
    [InlineData("""{"Cmd":["a"],"Entrypoint":["b"]}""", """{"Entrypoint":["c"],"Cmd":["d"]}""", """{"Entrypoint":["c"],"Cmd":["d"]}""")]
    [InlineData("""{"Labels":{"a":"1","b":"1"},"Volumes":null}""", """{"Labels":{"b":"2"},"Volumes":{"/x":{}}}""",
        """{"Labels":{"a":"1","b":"2"},"Volumes":{"/x":{}}}""")]
    [InlineData("""{"Cmd":["a"],"Env":["A=1"]}""", null, """{"Cmd":["a"]}""")]
    [InlineData("""{"OnBuild":["RUN a"],"User":"u"}""", null, """{"User":"u"}""")]
    [InlineData("""{"OnBuild":["RUN a"]}""", """{"OnBuild":["RUN b"]}""", """{"OnBuild":["RUN b"]}""")]
    public void Given_config_wins_over_inherited_config(string inherited, string? own, string merged) =>
        Assert.Equal(merged, InheritedConfig.Merge(Parse(inherited), own is null ? null : Parse(own))!.ToJsonString());

    [Theory]
    [InlineData("""{"history":[{"created_by":"a"},{"created_by":"b","empty_layer":true}],"created":"T"}""", 1,
        """[{"created_by":"a","created":"T"},{"created_by":"b","empty_layer":true,"created":"T"},{"created":"N","created_by":"overlayimg build"}]""")]
    [InlineData("""{"history":[{"created":"H"}],"created":"T"}""", 1, """[{"created":"H"},{"created":"N","created_by":"overlayimg build"}]""")]
    [InlineData("""{"history":[{}],"created":7}""", 1, """[{"created":"N"},{"created":"N","created_by":"overlayimg build"}]""")]
    [InlineData("""{"history":["x"]}""", 1, """[{"created":"N"},{"created":"N","created_by":"overlayimg build"}]""")]
    [InlineData("""{"history":[{"created_by":"a"}],"created":"T"}""", 2,
        """[{"created":"T"},{"created":"T"},{"created":"N","created_by":"overlayimg build"}]""")]
    [InlineData("""{"history":null}""", 1, """[{"created":"N"},{"created":"N","created_by":"overlayimg build"}]""")]
    [InlineData("{}", 0, """[{"created":"N","created_by":"overlayimg build"}]""")]
    public void History_has_one_item_for_each_layer(string baseConfig, int layers, string history) =>
        Assert.Equal(
            history, ImageHistory.Of(Parse(baseConfig), layers, [new(Images.Digests.Digest.Of([]), "overlayimg build", null)], "N").ToJsonString());

    [Theory]
    [InlineData("80", "80/tcp")]
    [InlineData("53/UDP", "53/udp")]
    [InlineData("8000-8003", "8000/tcp 8001/tcp 8002/tcp 8003/tcp")]
    [InlineData("8000-8001/udp", "8000/udp 8001/udp")]
    [InlineData("9-9/sctp", "9/sctp")]
    [InlineData("0", null)]
    [InlineData("65536", null)]
    [InlineData("9-8", null)]
    [InlineData("1-2-3", null)]
    [InlineData("80/http", null)]
    [InlineData("80/tcp/udp", null)]
    [InlineData("-", null)]
    public void A_range_of_ports_becomes_single_ports_as_in_docker_build(string text, string? ports) =>
        Assert.Equal(ports?.Split(' '), PortRange.Expand(text));

    [Theory]
    [InlineData("""{"User":1000}""", "the container's config, User: should be a string")]
    [InlineData("""{"Volumes":{"relative":{}}}""", "the container's config, Volumes.relative: is not an absolute path")]
    [InlineData("""{"cmd":["a"]}""", "the container's config, cmd: has a name in the wrong case, which is 'Cmd'")]
    [InlineData("""{"ExposedPorts":["80"]}""", "the container's config, ExposedPorts: should be an object")]
    [InlineData("""{"Labels":{"a":1}}""", "the container's config, Labels.a: should be a string")]
    [InlineData("""{"Env":"A=1"}""", "the container's config, Env: should be an array")]
    [InlineData("""{"WorkingDir":"srv"}""", "the container's config, WorkingDir: is 'srv', not an absolute path")]
    public void Config_that_no_client_loads_is_refused_even_if_settings_replace_it(string config, string message) => Assert.StartsWith(
        message,
        Assert.Throws<InputException>(
            () => new ContainerSettings { User = "u", ExposedPorts = ["80"], Environment = ["A=1"] }.ApplyTo(Parse(config))).Describe(),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z")]
    [InlineData("2026-01-31T12:00:00.123456+02:00", "2026-01-31T12:00:00.123456+02:00")]
    [InlineData("2026-01-31", "2026-01-31T00:00:00Z")]
    [InlineData("2026-01-31T12:00", "2026-01-31T12:00:00Z")]
    [InlineData("2026-01-31T12:00:01+0200", "2026-01-31T10:00:01Z")]
    [InlineData("2026-01-31T12:00-05", "2026-01-31T17:00:00Z")]
    [InlineData("20260131T120001Z", "2026-01-31T12:00:01Z")]
    [InlineData("2026-13-31", null)]
    [InlineData("2026-02-30T00:00:00Z", null)]
    [InlineData("yesterday", null)]
    [InlineData("", null)]
    [InlineData("2026-01-31T12:00:00Z\"", null)]
    public void Created_takes_every_form_of_ISO_8601_and_writes_RFC_3339(string text, string? expected) =>
        Assert.Equal(expected, CreationTime.Parse(text));

    [Fact]
    public void Created_now_is_a_valid_creation_time()
    {
        var now = CreationTime.Parse("now")!;
        Assert.EndsWith("+00:00", now, StringComparison.Ordinal);
        Assert.Equal(now, CreationTime.Parse(now));
    }

    [Theory]
    [InlineData("app", null)]
    [InlineData("registry:5000/x/y", "1.0_x-Y")]
    [InlineData("a__b/c.d-e--f", "V")]
    public void Names_that_docker_accepts_are_accepted(string name, string? tag) => Assert.Null(ImageNaming.ProblemWith(name, tag));

    [Theory]
    [InlineData("App", null)]
    [InlineData("a b", null)]
    [InlineData("", null)]
    [InlineData("/a", null)]
    [InlineData("a//b", null)]
    [InlineData("a:1", null)]
    [InlineData("a", "")]
    [InlineData("a", ".x")]
    [InlineData("a", "x/y")]
    [InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", null)]
    public void Names_that_docker_refuses_are_refused(string name, string? tag) => Assert.NotNull(ImageNaming.ProblemWith(name, tag));

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();
}
