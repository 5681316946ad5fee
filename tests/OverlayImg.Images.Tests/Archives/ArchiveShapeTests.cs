using OverlayImg.Images.Digests;

namespace OverlayImg.Images.Tests;

public sealed class ArchiveShapeTests : IDisposable
{
    private readonly ArchiveBench _bench = new();

    public void Dispose() => _bench.Dispose();

    /// <summary>
    /// A name, a script that changes the directory of a dockerTools archive with the layers 0.../layer.tar and
    /// 1.../layer.tar, and the options of tar that pack the directory.
    /// </summary>
    public static TheoryData<string, string, string> Shapes => new()
    {
        { "dockerTools", "", "--sort=name --transform=s,^\\./,," },
        { "names with ./ in front", "", "--sort=name" },
        { "docker 25 and later", """
            mkdir -p blobs/sha256
            for f in */layer.tar; do
                d=$(sha256sum $f | cut -c -64); mv $f blobs/sha256/$d; sed -i "s,$f,blobs/sha256/$d," manifest.json; rmdir ${f%/*}
            done
            c=$(ls *.json | grep -v manifest); mv $c blobs/sha256/${c%.json}; sed -i "s,$c,blobs/sha256/${c%.json}," manifest.json
            echo '{"imageLayoutVersion":"1.0.0"}' > oci-layout; echo '{"schemaVersion":2,"manifests":[]}' > index.json
            """, "--sort=name" },
        { "kaniko: one gzip file per layer, sha256: in the config's name", """
            for f in */layer.tar; do
                d=$(sha256sum $f | cut -c -64); gzip -c $f > $d.tar.gz; sed -i "s,$f,$d.tar.gz," manifest.json; rm -r ${f%/*}
            done
            c=$(ls *.json | grep -v manifest); mv $c sha256:${c%.json}; sed -i "s,$c,sha256:${c%.json}," manifest.json
            """, "--sort=name" },
        { "symbolic links to the layers", "for f in */layer.tar; do d=$(sha256sum $f | cut -c -64); mv $f $d.tar; ln -s ../$d.tar $f; done",
            "--sort=name" },
        { "hard links to the layers", "for f in */layer.tar; do d=$(sha256sum $f | cut -c -64); ln $f $d.tar; done", "--sort=name" },
        { "absolute links to the layers", "for f in */layer.tar; do d=$(sha256sum $f | cut -c -64); mv $f $d.tar; ln -s /$d.tar $f; done",
            "--sort=name" },
        { "layers compressed each in its own way", "set -- */layer.tar; gzip -c $1 > t; mv t $1; zstd -qc $2 > t; mv t $2", "--sort=name" },
        { "an xz layer", "set -- */layer.tar; xz -c $1 > t; mv t $1", "--sort=name" },
        { "a bzip2 layer", "set -- */layer.tar; bzip2 -c $1 > t; mv t $1", "--sort=name" },
        { "a null where a list may be", "sed -i 's/\"RepoTags\":null,//' manifest.json", "--sort=name" },
        { "unknown keys", """
            sed -i 's/{"Config"/{"LayerSources":{"sha256:x":{"mediaType":"application\/vnd.oci.image.layer.v1.tar"}},"Config"/' manifest.json
            """, "--sort=name" },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Every_form_of_archive_has_the_same_image(string shape, string change, string tarOptions)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(shape);
        var layers = await TwoLayersAsync();
        var archive = await _bench.PackAsync(layers, change, tarOptions: tarOptions);
        Assert.Equal(await ExpectedAsync(), await _bench.ListAsync(archive));
    }

    [Theory]
    [InlineData("manifest.json [0-9a-f]*")]
    [InlineData("[0-9a-f]* manifest.json")]
    [InlineData("./manifest.json ././[0-9a-f]*")]
    public async Task The_manifest_may_come_first_or_last(string members)
    {
        var layers = await TwoLayersAsync();
        var archive = await _bench.PackAsync(layers, "", tarOptions: "", members: $"$(cd archive3 && echo {members})");
        Assert.Equal(await ExpectedAsync(), await _bench.ListAsync(archive));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("pigz")]
    [InlineData("zstd")]
    [InlineData("xz")]
    [InlineData("bzip2")]
    public async Task The_whole_archive_may_be_compressed_under_any_name(string compressor)
    {
        var layers = await TwoLayersAsync();
        var archive = await _bench.PackAsync(layers);
        await _bench.BashAsync($"{compressor} -c {archive} > whole");
        Assert.Equal(await ExpectedAsync(), await _bench.ListAsync(_bench["whole"]));
    }

    [Fact]
    public async Task Archives_are_read_from_standard_input_and_pipes()
    {
        var layers = await TwoLayersAsync();
        var archive = await _bench.PackAsync(layers);
        await _bench.BashAsync($"gzip -c {archive} > whole; mkfifo pipe");
        await using var input = File.OpenRead(_bench["whole"]);
        using var fromInput = _bench.OpenInput(input);
        Assert.Equal(await ExpectedAsync(), await _bench.ListAsync(fromInput.Images[0]));

        var writing = _bench.BashAsync("cat whole > pipe");
        Assert.Equal(await ExpectedAsync(), await _bench.ListAsync(_bench["pipe"]));
        await writing;
    }

    [Fact]
    public async Task An_image_may_have_the_same_layer_twice()
    {
        var layers = await TwoLayersAsync();
        var deletion = await _bench.LayerAsync("touch .wh.b");
        var archive = await _bench.PackAsync([layers[0], deletion, layers[0]], "d=$(echo 0*0); cd 0*2; ln -sf ../$d/layer.tar layer.tar");
        Assert.Equal(await _bench.ListAsync(await _bench.PackAsync([layers[0]])), await _bench.ListAsync(archive));
    }

    [Fact]
    public async Task One_of_several_images_is_found_by_name_and_tag()
    {
        var layers = await TwoLayersAsync();
        var archive = await _bench.PackAsync(layers, """
            python3 - <<'END'
            import json
            one = json.load(open('manifest.json'))[0]
            def image(tags, count):
                config = json.load(open(one['Config'])); config['rootfs']['diff_ids'] = config['rootfs']['diff_ids'][:count]
                json.dump(config, open('config%d.json' % count, 'w'))
                return {'Config': 'config%d.json' % count, 'RepoTags': tags, 'Layers': one['Layers'][:count]}
            images = [image(['docker.io/library/debian:12', 'localhost/mine:x'], 2), image(['debian:11', 'registry:5000/team/app:x'], 1)]
            json.dump(images + [image(None, 0)], open('manifest.json', 'w'))
            END
            """);
        using var open = await _bench.OpenAsync(archive);
        Assert.Equal(2, open.Select(null, null, null, out var warning).Layers.Count);
        Assert.Contains("holds 3 images; the first one is used: docker.io/library/debian:12, localhost/mine:x.", warning, StringComparison.Ordinal);
        Assert.Equal(2, Count("debian", "12"));
        Assert.Equal(2, Count("docker.io/library/debian", null));
        Assert.Equal(2, Count("mine", null));
        Assert.Equal(1, Count("debian", null));
        Assert.Equal(1, Count("debian:11", null));
        Assert.Equal(1, Count(null, "11"));
        Assert.Equal(1, Count("registry:5000/team/app", null));
        Assert.Contains("holds several images with the tag x", Refusal(null, "x"), StringComparison.Ordinal);
        Assert.Contains("holds no image debian:1", Refusal("debian", "1"), StringComparison.Ordinal);
        Assert.Contains("It holds: docker.io/library/debian:12, localhost/mine:x; debian:11, registry:5000/team/app:x; sha256:",
            Refusal("ebian", null), StringComparison.Ordinal);

        int Count(string? name, string? tag)
        {
            var image = open.Select(name, tag, null, out var none);
            Assert.Null(none);
            return image.Layers.Count;
        }

        string Refusal(string? name, string? tag) => Assert.Throws<InputException>(() => open.Select(name, tag, null, out _)).Describe();
    }

    [Fact]
    public async Task The_config_is_parsed_and_kept_byte_for_byte()
    {
        using var open = await _bench.OpenAsync(await _bench.PackAsync(await TwoLayersAsync(), tags: ["x:1"]));
        var config = open.Select("x", "1", null, out _).Config;
        Assert.Equal(("linux", "amd64", ""), (config.OperatingSystem, config.Architecture, config.Variant));
        Assert.Equal(["PATH=/bin"], config.Environment);
        Assert.Equal(config.Id, Digest.Of(config.Bytes.Span));
        Assert.Contains($"{config.Id.Hex}.json", await _bench.BashAsync("tar tf archive3.tar"), StringComparison.Ordinal);
    }

    private async Task<string[]> TwoLayersAsync() =>
    [
        await _bench.LayerAsync("mkdir a; echo 1 > a/one; echo 2 > b; ln b c; mknod null c 1 3; " +
            "setfattr -n user.k -v v b; chown 5:6 a/one; chmod 4755 b"),
        await _bench.LayerAsync("mkdir a; echo 3 > a/two; touch a/.wh.one; ln -s a d"),
    ];

    /// <summary>
    /// Lists the expected result of the two layers, merged by cp and rm from the directories that the layers were
    /// packed from.
    /// </summary>
    private async Task<string[]> ExpectedAsync()
    {
        await _bench.BashAsync("rm -rf expected; cp -a layer1 expected; rm expected/a/one; cp -a layer2/a/two expected/a/; " +
            "cp -a layer2/d expected/; find expected -exec touch -h -d @1000 {} +");
        return await DirectoryListing.OfAsync(_bench["expected"]);
    }
}
