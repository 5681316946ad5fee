using System.Text.Json.Nodes;
using OverlayImg.Builders.ImageBuilds;
using OverlayImg.Builders.NewImages;
using OverlayImg.Images.Archives.Writing;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Outputs;
using OverlayImg.Layers.Contents;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.ImageBuilds;

/// <summary>Correct results where dockerTools' buildImage has a harmful bug, and base images of every shape. Other tools read the images.</summary>
public sealed class ImageBuildTests : IDisposable
{
    private const string Config = """
        {"architecture":"amd64","author":"someone","config":{"Cmd":["/bin/sh"],"Env":["PATH=/bin","A=1","PATH=/usr/bin"],
        "Healthcheck":{"Test":["NONE"]},"Labels":{"a":"1"}},"created":"2020-01-01T00:00:00Z",
        "history":[{"created_by":"one"},{"created_by":"env","empty_layer":true},{"created_by":"two"}],
        "os":"linux","os.version":"7","variant":"v2","x-unknown":{"kept":[1.50]}}
        """;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private string this[string name] => _directory[name];

    [Theory]
    [InlineData(ArchiveFormat.Hybrid)]
    [InlineData(ArchiveFormat.DockerTools)]
    public async Task A_variable_of_both_config_and_base_appears_once(ArchiveFormat format)
    {
        await WriteBaseAsync();
        var config = await ConfigOfAsync(await BuildAsync(format, new() { ["Env"] = new JsonArray("A=2", "B=3") }));
        Assert.Equal("""["PATH=/usr/bin","A=2","B=3"]""", config["config"]!["Env"]!.ToJsonString());
        Assert.Equal(["Env"], config["config"]!.AsObject().Select(member => member.Key));
    }

    [Theory]
    [InlineData(ArchiveFormat.Hybrid, "drwxr-x--x")]
    [InlineData(ArchiveFormat.DockerTools, "drwxrwxrwt")]
    public async Task Contents_change_the_mode_of_the_root_only_in_the_dockerTools_format(ArchiveFormat format, string mode)
    {
        await Tool.BashAsync("mkdir -p layer1 layer2 contents; chmod 751 layer2; echo x > contents/x; chmod 1777 contents", _directory.Path);
        await WriteBaseAsync();
        await BuildAsync(format, null, contents: [this["contents"]]);
        var root = await Tool.BashAsync(
            "tar -xOf out.tar $(tar -xOf out.tar manifest.json | jq -r '.[0].Layers[-1]') | tar -tv | sed -n '1s/ .*//p'", _directory.Path);
        Assert.Equal(mode + "\n", root);
    }

    [Fact]
    public async Task Unknown_fields_of_the_base_config_are_kept()
    {
        await WriteBaseAsync();
        var config = await ConfigOfAsync(await BuildAsync(ArchiveFormat.Hybrid, null));
        Assert.Equal("someone", config["author"]!.ToString());
        Assert.Equal("7", config["os.version"]!.ToString());
        Assert.Equal("v2", config["variant"]!.ToString());
        Assert.Equal("""{"kept":[1.5]}""", config["x-unknown"]!.ToJsonString());
        Assert.Equal(["one", "env", "two", "overlayimg build"], config["history"]!.AsArray().Select(item => item!["created_by"]!.ToString()));
        Assert.Equal("1970-01-01T00:00:01Z", config["created"]!.ToString());
    }

    [Theory]
    [InlineData(ArchiveFormat.Hybrid)]
    [InlineData(ArchiveFormat.DockerTools)]
    public async Task A_given_variant_is_written(ArchiveFormat format)
    {
        await WriteBaseAsync();
        var config = await ConfigOfAsync(await BuildAsync(format, null, variant: "v9"));
        Assert.Equal("v9", config["variant"]!.ToString());
        await AssertOthersReadItAsync(await BuildAsync(format, null, variant: "v9"));
        config = await ConfigOfAsync(await BuildAsync(format, null));
        Assert.Equal(format == ArchiveFormat.Hybrid ? "v2" : null, (string?)config["variant"]);
    }

    [Fact]
    public async Task The_remaining_container_config_is_inherited_on_request()
    {
        await WriteBaseAsync();
        var own = new JsonObject { ["Labels"] = new JsonObject { ["b"] = "2" } };
        var config = await ConfigOfAsync(await BuildAsync(ArchiveFormat.Hybrid, own, inherit: true));
        Assert.Equal(
            """{"Cmd":["/bin/sh"],"Healthcheck":{"Test":["NONE"]},"Labels":{"a":"1","b":"2"},"Env":["PATH=/usr/bin","A=1"]}""",
            config["config"]!.ToJsonString());
    }

    [Theory]
    [InlineData(ArchiveFormat.Hybrid)]
    [InlineData(ArchiveFormat.DockerTools)]
    public async Task Compressed_base_layers_keep_their_bytes_and_have_the_diff_IDs_of_their_tars(ArchiveFormat format)
    {
        await WriteBaseAsync(compress: "gzip -n1");
        var result = await BuildAsync(format, null);
        var config = await ConfigOfAsync(result);
        var expected = await Tool.BashAsync("sha256sum 1.tar 2.tar | sed 's/^/sha256:/; s/ .*//'", _directory.Path);
        Assert.Equal(expected.Trim().Split('\n').Append(result.Layers[2].DiffId.ToString()), DiffIds(config));
        await AssertHasBytesAsync("base/1/layer.tar");
        await AssertHasBytesAsync("base/2/layer.tar");
        await AssertOthersReadItAsync(result);
    }

    [Fact]
    public async Task The_image_chosen_by_name_and_tag_gives_layers_environment_and_parent()
    {
        await WriteBaseAsync();
        await Tool.BashAsync(
            """
            cd base; jq -c '.config.Env = ["FIRST=1"] | .rootfs.diff_ids |= .[:1] | .history |= .[:1]' config.json > other.json
            jq -c '[.[0] + {Config: "other.json", RepoTags: ["base:10"], Layers: .[0].Layers[:1]}] + .' manifest.json > m
            mv m manifest.json; tar -cf ../base.tar .
            """, _directory.Path);
        var id = (await Tool.BashAsync("sha256sum base/config.json | cut -d ' ' -f 1", _directory.Path)).Trim();
        var result = await BuildAsync(ArchiveFormat.DockerTools, null, choice: new(new PathLocation(this["base.tar"]), "base", "1"));
        var config = await ConfigOfAsync(result);
        Assert.Equal("""["PATH=/usr/bin","A=1"]""", config["config"]!["Env"]!.ToJsonString());
        Assert.Equal(3, DiffIds(config).Length);
        var parents = await Tool.BashAsync("for j in $(tar -tf out.tar | grep /json); do tar -xOf out.tar $j | jq -r .parent; done", _directory.Path);
        Assert.Contains(id, parents.Split('\n'));
        await AssertOthersReadItAsync(result);
    }

    [Fact]
    public async Task Only_store_paths_that_the_base_lacks_or_deletes_are_added()
    {
        await Tool.BashAsync(
            """
            mkdir -p layer1/nix/store/kept layer1/nix/store/gone layer2/nix/store host/kept host/gone
            touch layer1/nix/store/kept/f layer1/nix/store/gone/f layer2/nix/store/.wh.gone host/kept/f host/gone/f
            """, _directory.Path);
        // The store is a directory of the host, and the store of the image has the same path.
        var store = this["host"];
        var inImage = store[1..];
        await Tool.BashAsync(
            $"mkdir -p layer1{store} layer2{store}; cp -a layer1/nix/store/. layer1{store}/; cp -a layer2/nix/store/. layer2{store}/",
            _directory.Path);
        await WriteBaseAsync();
        await File.WriteAllTextAsync(this["closure"], $"{store}/kept\n{store}/gone\n");
        await BuildAsync(ArchiveFormat.DockerTools, null, closure: this["closure"]);
        Assert.Equal($"./\n{inImage}/gone/\n{inImage}/gone/f\n", await TopLayerNamesAsync());
    }

    [Fact]
    public async Task Directories_above_the_store_that_the_base_has_keep_their_modes()
    {
        await Tool.BashAsync("mkdir -p layer1/tmp layer2 host/a", _directory.Path);
        await WriteBaseAsync();
        await File.WriteAllTextAsync(this["closure"], $"{this["host"]}/a\n");
        await BuildAsync(ArchiveFormat.DockerTools, null, closure: this["closure"]);
        var directory = _directory.Path[1..];
        Assert.Equal($"./\n./{directory}/\n./{directory}/host/\n{directory}/host/a/\n", await TopLayerNamesAsync());
    }

    [Theory]
    [InlineData("skopeo --insecure-policy copy -q docker-archive:base.tar docker-archive:other.tar:base:1")]
    [InlineData("skopeo --insecure-policy copy -q docker-archive:base.tar oci-archive:other.tar:1")]
    [InlineData("mkdir o; mv base/1 base/2 o/; cd base; " +
        "jq '.[0].Layers = [\"o/1/layer.tar\", \"o/2/layer.tar\"]' manifest.json > m; mv m manifest.json; mv ../o .; tar -cf ../other.tar .")]
    [InlineData("cd base; mkdir -p blobs/sha256; touch oci-layout; tar -cf ../other.tar .")]
    [InlineData("cd base; rm -r 2; mkdir 2; ln -s ../1/layer.tar 2/layer.tar; " +
        "jq '.rootfs.diff_ids[1] = .rootfs.diff_ids[0]' config.json > c; mv c config.json; tar -cf ../other.tar .")]
    [InlineData("cd base; rm -r 2; jq '.[0].Layers[1] = .[0].Layers[0]' manifest.json > m; mv m manifest.json; " +
        "jq '.rootfs.diff_ids[1] = .rootfs.diff_ids[0]' config.json > c; mv c config.json; tar -cf ../other.tar .")]
    public async Task A_base_of_another_shape_becomes_an_archive_that_other_tools_read(string reshape)
    {
        await WriteBaseAsync();
        await Tool.BashAsync(reshape, _directory.Path);
        foreach (var format in (ArchiveFormat[])[ArchiveFormat.DockerTools, ArchiveFormat.Hybrid])
        {
            var result = await BuildAsync(format, null, choice: new(new PathLocation(this["other.tar"]), null, null));
            Assert.Equal(3, result.Layers.Count);
            await AssertOthersReadItAsync(result);
        }

        var others = await Tool.BashAsync("tar -tf out.tar | grep -cE '^(oci-layout|index.json)' || true", _directory.Path);
        Assert.Equal("2", others.Trim());
    }

    [Fact]
    public async Task An_image_without_a_tag_gets_one_from_its_content()
    {
        await WriteBaseAsync();
        var first = await BuildAsync(ArchiveFormat.Hybrid, null, tag: null);
        var second = await BuildAsync(ArchiveFormat.Hybrid, null, tag: null);
        var other = await BuildAsync(ArchiveFormat.Hybrid, new() { ["User"] = "1" }, tag: null);
        Assert.Equal(first.ImageId.Hex[..32], first.Reference.Tag);
        Assert.Equal(first.Reference, second.Reference);
        Assert.NotEqual(first.Reference, other.Reference);
    }

    [Theory]
    [InlineData("/etc/passwd", "no path directly in the store")]
    [InlineData("{0}", "no path directly in the store")]
    [InlineData("{0}/a/b", "no path directly in the store")]
    [InlineData("{0}/../a", "no path directly in the store")]
    [InlineData("{0}/missing", "does not exist")]
    public async Task A_closure_line_that_is_no_existing_store_path_is_refused_by_name(string line, string said)
    {
        Directory.CreateDirectory(this["host/a"]);
        line = line.Replace("{0}", this["host"], StringComparison.Ordinal);
        await File.WriteAllTextAsync(this["closure"], $"{this["host"]}/a\n{line}\n");
        var error = await Assert.ThrowsAsync<InputException>(() => BuildAsync(ArchiveFormat.Hybrid, null, closure: this["closure"], from: false));
        Assert.Contains(line, error.Message, StringComparison.Ordinal);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(this["out.tar"]));
    }

    [Fact]
    public async Task A_base_layer_with_a_wrong_diff_ID_leaves_no_archive()
    {
        await WriteBaseAsync();
        await Tool.BashAsync("cp base/1/layer.tar base/2/layer.tar; tar -C base -cf base.tar .", _directory.Path);
        await Assert.ThrowsAsync<InputException>(() => BuildAsync(ArchiveFormat.Hybrid, null));
        Assert.False(File.Exists(this["out.tar"]));
    }

    [Theory]
    [InlineData(".config.env = .config.Env | del(.config.Env)", "'config.env'", "'Env'")]
    [InlineData(".OS = .os | del(.os)", "'OS'", "'os'")]
    public async Task A_base_config_with_a_name_in_the_wrong_case_is_refused(string change, string name, string meant)
    {
        await WriteBaseAsync();
        await Tool.BashAsync($"jq -c '{change}' base/config.json > c; mv c base/config.json; tar -C base -cf base.tar .", _directory.Path);
        foreach (var inherit in new[] { false, true })
        {
            var error = await Assert.ThrowsAsync<InputException>(() => BuildAsync(ArchiveFormat.Hybrid, null, inherit));
            Assert.Contains(name, error.Message, StringComparison.Ordinal);
            Assert.Contains(meant, error.Message, StringComparison.Ordinal);
        }

        Assert.False(File.Exists(this["out.tar"]));
    }

    // Writes a docker-archive with a directory for each of two layers, as docker before version 25 does. layer1 and layer2 have the layers' files.
    private Task<string> WriteBaseAsync(string compress = "cat") => Tool.BashAsync(
        $$"""
        mkdir -p layer1/etc layer2/etc base/1 base/2; echo 1 > layer1/etc/one; echo 2 > layer2/etc/two
        for n in 1 2; do
          tar -C layer$n --sort=name --mtime=@0 --owner=0 --group=0 -cf $n.tar .
          {{compress}} < $n.tar > base/$n/layer.tar; echo '{}' > base/$n/json; printf 1.0 > base/$n/VERSION
        done
        echo '{{Config}}' | jq -c --arg a sha256:$(sha256sum 1.tar | cut -c -64) --arg b sha256:$(sha256sum 2.tar | cut -c -64) \
          '.rootfs = {type: "layers", diff_ids: [$a, $b]}' > base/config.json
        echo '[{"Config":"config.json","RepoTags":["base:1"],"Layers":["1/layer.tar","2/layer.tar"]}]' > base/manifest.json
        tar -C base -cf base.tar .
        """, _directory.Path);

    private async Task<ImageBuildResult> BuildAsync(ArchiveFormat format, JsonObject? config, bool inherit = false, ImageChoice? choice = null,
        string? tag = "1", string? closure = null, bool from = true, string[]? contents = null, string? variant = null) =>
        await TestSession.RunAsync(this["cache"], session => ImageBuild.RunAsync(
        new()
        {
            Output = new ArchiveOutput(TarDestination.Parse(this["out.tar"]), format),
            Dialect = format == ArchiveFormat.DockerTools ? Dialect.DockerTools : Dialect.Dockerfile,
            Name = "built",
            Tag = tag,
            From = from ? choice ?? new(new PathLocation(this["base.tar"]), null, null) : null,
            Config = config,
            InheritConfig = inherit,
            ClosureFile = closure,
            Variant = variant,
            Contents = new([.. (contents ?? []).Select(ContentsSource.FromString)], false, this["host"]),
        }, session));

    private async Task<JsonObject> ConfigOfAsync(ImageBuildResult result)
    {
        var text = await Tool.BashAsync("tar -xOf out.tar $(tar -xOf out.tar manifest.json | jq -r '.[0].Config')", _directory.Path);
        Assert.Equal(result.ImageId, Digest.Of(System.Text.Encoding.UTF8.GetBytes(text)));
        return JsonNode.Parse(text)!.AsObject();
    }

    private Task<string> TopLayerNamesAsync() =>
        Tool.BashAsync("tar -xOf out.tar $(tar -xOf out.tar manifest.json | jq -r '.[0].Layers[-1]') | tar -t", _directory.Path);

    private static string[] DiffIds(JsonObject config) => [.. config["rootfs"]!["diff_ids"]!.AsArray().Select(diffId => diffId!.ToString())];

    private async Task AssertHasBytesAsync(string layer)
    {
        const string Sums = "for f in $(tar -xOf out.tar manifest.json | jq -r '.[0].Layers[]'); do tar -xOf out.tar $f | sha256sum; done";
        var stored = await Tool.BashAsync(Sums, _directory.Path);
        Assert.Contains((await Tool.BashAsync($"sha256sum < {layer}", _directory.Path)).Trim(), stored, StringComparison.Ordinal);
    }

    // skopeo reads every layer and checks it against its diff ID.
    private async Task AssertOthersReadItAsync(ImageBuildResult result)
    {
        await Tool.BashAsync("rm -rf copy; skopeo --insecure-policy copy -q docker-archive:out.tar:built:1 dir:copy", _directory.Path);
        Assert.Equal(result.ImageId.ToString(), (await Tool.OutputAsync("jq", "-r", ".config.digest", this["copy/manifest.json"])).Trim());
    }
}
