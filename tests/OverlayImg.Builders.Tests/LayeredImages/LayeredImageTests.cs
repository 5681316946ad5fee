using System.Text;
using System.Text.Json.Nodes;
using OverlayImg.Builders.ImageBuilds;
using OverlayImg.Builders.LayeredImages;
using OverlayImg.Builders.NewImages;
using OverlayImg.Closures.Layering;
using OverlayImg.Images.Archives.Writing;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Outputs;
using OverlayImg.Images.Sessions;
using OverlayImg.Layers.Contents;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.LayeredImages;

/// <summary>Layered images from contents, closures and base images.</summary>
public sealed class LayeredImageTests : IDisposable
{
    private const string Hello = "00000000000000000000000000000001-hello";
    private const string Libc = "00000000000000000000000000000002-libc";
    private const string Data = "00000000000000000000000000000003-data";

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private string Store => _directory["store"];

    [Fact]
    public async Task Contents_in_the_store_become_links_other_contents_are_copied_and_scripts_see_both()
    {
        await MakeStoreAsync();
        await Tool.BashAsync(
            $"mkdir -p own/etc own/bin joined; echo own > own/etc/file; echo other > own/bin/hello; " +
            $"ln -s ../store/{Hello} joined/hello; chmod 755 own",
            _directory.Path);
        var script = "echo made > bin/made; test -L bin/tool; rm share/doc; mkdir -m 1777 tmp";
        await BuildAsync(options => options with
        {
            Contents = new([_directory["joined/hello"], _directory["own"]], false, Store),
            ExtraCommands = new("commands", Encoding.UTF8.GetBytes(script)),
        });
        var top = await Tool.BashAsync(
            "tar -xOf out.tar $(tar -xOf out.tar manifest.json | jq -r '.[0].Layers[-1]') > top.tar; " +
            "tar -tvf top.tar | awk '{print $1, $2, $6, $7, $8}'", _directory.Path);
        Assert.Equal(
            $"""
            drwxr-xr-x root/root ./
            drwxr-xr-x root/root ./bin/
            -rw-r--r-- root/root ./bin/hello
            -rw-r--r-- root/root ./bin/made
            lrwxrwxrwx root/root ./bin/relative -> tool
            lrwxrwxrwx root/root ./bin/tool -> {Store}/{Hello}/bin/tool
            drwxr-xr-x root/root ./etc/
            -rw-r--r-- root/root ./etc/file
            drwxr-xr-x root/root ./share/
            drwxrwxrwt root/root ./tmp/
            """.Split('\n').Select(line => line.TrimEnd()), top.TrimEnd().Split('\n').Select(line => line.TrimEnd()));
    }

    [Fact]
    public async Task Without_a_closure_file_the_closure_includes_paths_that_scripts_and_config_name()
    {
        await MakeStoreAsync();
        // hello's file refers to libc, only the config names data, and a script writes the third path (nixpkgs: references of fakeRootCommands).
        var written = "00000000000000000000000000000004-written";
        await Tool.BashAsync(
            $"mkdir store/{written}; echo x > store/{written}/x; mkdir store/00000000000000000000000000000005-unused", _directory.Path);
        var result = await BuildAsync(options => options with
        {
            Contents = new([$"{Store}/{Hello}"], false, Store),
            Config = new() { ["Cmd"] = new JsonArray($"{Store}/{Data}/run") },
            ExtraCommands = new("commands", Encoding.UTF8.GetBytes($"echo {written} > note")),
            Layering = LayeringStrategy.OnePerPath,
        });
        var paths = result.Layers.SelectMany(layer => layer.Explanation!.Paths).Select(placed => Path.GetFileName(placed.Path)).Order();
        Assert.Equal([Hello, Libc, Data, written], paths);
        Assert.Equal(5, result.Layers.Count);
    }

    [Theory]
    [InlineData(ArchiveFormat.Hybrid)]
    [InlineData(ArchiveFormat.DockerTools)]
    public async Task Equal_builds_give_equal_bytes_and_images_share_equal_layers(ArchiveFormat format)
    {
        await MakeStoreAsync();
        LayeredImageOptions Make(LayeredImageOptions options) => options with
        {
            Output = options.Output with { Format = format },
            Contents = new([$"{Store}/{Hello}"], false, Store),
            Layering = LayeringStrategy.OnePerPath,
        };
        var first = await BuildAsync(Make, "first.tar");
        await BuildAsync(Make, "second.tar");
        await Tool.BashAsync("cmp first.tar second.tar", _directory.Path);
        var other = await BuildAsync(
            options => Make(options) with { Contents = new([$"{Store}/{Libc}"], false, Store), Config = new() { ["User"] = "1" } }, "other.tar");
        var libc = Assert.Single(
            other.Layers, layer => layer.Explanation!.Paths is [{ Path: var path }] && path.EndsWith(Libc, StringComparison.Ordinal));
        Assert.Contains(libc.DiffId, first.Layers.Select(layer => layer.DiffId));
        await AssertOthersReadItAsync("first.tar", first);
    }

    [Theory]
    [InlineData(ArchiveFormat.Hybrid)]
    [InlineData(ArchiveFormat.DockerTools)]
    public async Task Base_layers_come_first_unchanged_and_count_towards_the_limit(ArchiveFormat format)
    {
        await MakeStoreAsync();
        await Tool.BashAsync("mkdir -p root/usr/bin; ln -s usr/bin root/bin; touch root/usr/bin/sh", _directory.Path);
        await TestSession.RunAsync(_directory["cache"], session => ImageBuild.RunAsync(new()
        {
            Output = new ArchiveOutput(new(_directory["base.tar"], CompressionFormat.None), ArchiveFormat.Hybrid),
            Name = "base",
            Tag = "1",
            Contents = new([_directory["root"]], true, "/nix/store"),
            Config = new() { ["Env"] = new JsonArray("A=1", "PATH=/bin"), ["Cmd"] = new JsonArray("/bin/sh") },
        }, session));
        LayeredImageOptions Make(LayeredImageOptions options) => options with
        {
            Output = options.Output with { Format = format },
            Dialect = format == ArchiveFormat.DockerTools ? Dialect.DockerTools : Dialect.Dockerfile,
            From = new(new PathLocation(_directory["base.tar"]), null, null),
            Contents = new([$"{Store}/{Hello}"], false, Store),
            Config = new() { ["Env"] = new JsonArray("A=2", "B=3") },
            Layering = LayeringStrategy.Popularity,
            MaxLayers = 4,
        };
        var result = await BuildAsync(Make);
        Assert.Equal(4, result.Layers.Count);
        var config = JsonNode.Parse(
            await Tool.BashAsync("tar -xOf out.tar $(tar -xOf out.tar manifest.json | jq -r '.[0].Config')", _directory.Path))!;
        var command = format == ArchiveFormat.DockerTools ? "" : """ "Cmd":["/bin/sh"],""".Trim();
        Assert.Equal($$"""{{{command}}"Env":["A=2","PATH=/bin","B=3"]}""", config["config"]!.ToJsonString());
        Assert.Equal(4, config["history"]!.AsArray().Count);
        await Tool.BashAsync(
            """
            for image in base out; do tar -xOf $image.tar $(tar -xOf $image.tar manifest.json | jq -r '.[0].Layers[0]') > $image-layer.tar; done
            cmp base-layer.tar out-layer.tar
            """, _directory.Path);
        // The files of the joined bin directory go behind the base's link /bin. A directory /bin would replace the link.
        var top = await Tool.BashAsync("tar -xOf out.tar $(tar -xOf out.tar manifest.json | jq -r '.[0].Layers[-1]') | tar -t", _directory.Path);
        Assert.Contains("./usr/bin/tool\n", top, StringComparison.Ordinal);
        Assert.DoesNotContain("./bin/", top, StringComparison.Ordinal);
        await AssertOthersReadItAsync("out.tar", result);
        var error = await Assert.ThrowsAsync<InputException>(() => BuildAsync(options => Make(options) with { MaxLayers = 2 }));
        Assert.Contains("2 layers are used", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Store_layers_have_the_given_owners_times_and_directories_and_can_be_left_out()
    {
        await MakeStoreAsync();
        LayeredImageOptions Make(LayeredImageOptions options) => options with
        {
            Contents = new([$"{Store}/{Libc}"], false, Store),
            StoreOwner = new(1000, 100, "builder", "users"),
            FileTime = new(86400),
        };
        await BuildAsync(Make);
        var listing = await Tool.BashAsync(
            "TZ=UTC tar -tv --full-time -f <(tar -xOf out.tar $(tar -xOf out.tar manifest.json | jq -r '.[0].Layers[0]')) -P", _directory.Path);
        var lines = listing.TrimEnd().Split('\n');
        Assert.All(lines, line => Assert.Contains(" builder/users ", line, StringComparison.Ordinal));
        Assert.All(lines, line => Assert.Contains("1970-01-02 00:00:00", line, StringComparison.Ordinal));
        Assert.EndsWith($" {Store}/", lines[^3], StringComparison.Ordinal);
        Assert.EndsWith($" {Store}/{Libc}/libc", lines[^1], StringComparison.Ordinal);
        var without = await BuildAsync(options => Make(options) with { IncludeStorePaths = false });
        Assert.Single(without.Layers);
    }

    [Fact]
    public async Task A_closure_without_the_store_path_of_the_contents_is_refused()
    {
        await MakeStoreAsync();
        await File.WriteAllTextAsync(_directory["closure"], $"{Store}/{Libc}\n");
        var error = await Assert.ThrowsAsync<InputException>(() => BuildAsync(options => options with
        {
            Contents = new([$"{Store}/{Hello}"], false, Store),
            ClosureFile = _directory["closure"],
        }));
        Assert.Contains($"{Store}/{Hello}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_changes_between_hashing_and_writing_is_an_error_and_leaves_no_archive()
    {
        await MakeStoreAsync();
        var file = $"{Store}/{Libc}/libc";
        var time = File.GetLastWriteTimeUtc(file);
        // The new content has the same size and time, so only the digest differs.
        var progress = new OnStep($"Writing {_directory["out.tar"]}", () =>
        {
            File.WriteAllText(file, "LIBC\n");
            File.SetLastWriteTimeUtc(file, time);
        });
        var error = await Assert.ThrowsAsync<InputException>(() => BuildAsync(
            options => options with { Contents = new([$"{Store}/{Hello}"], false, Store) }, progress: progress));
        Assert.Contains("changed", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_directory["out.tar"]));
    }

    [Fact]
    public async Task The_customisation_layer_equals_that_of_GNU_tar_with_dockerTools_options()
    {
        await Tool.BashAsync(
            "mkdir -p own/a own/b; chmod 775 own; echo 1 > own/a/one; ln own/a/one own/b/two; ln -s one own/a/link; chmod 750 own/a",
            _directory.Path);
        await BuildAsync(options => options with
        {
            Output = options.Output with { Format = ArchiveFormat.DockerTools },
            Dialect = Dialect.DockerTools,
            Contents = new([_directory["own"]], true, Store),
        });
        await Tool.BashAsync(
            """
            tar --sort=name --numeric-owner --owner=0 --group=0 --mtime=@1 --hard-dereference --format=gnu -C own -cf expected.tar .
            cmp expected.tar <(tar -xOf out.tar $(tar -xOf out.tar manifest.json | jq -r '.[0].Layers[-1]'))
            """, _directory.Path);
    }

    /// <summary>GNU tar unpacks the root file system, and umoci the image layered by package. Both results must be equal.</summary>
    [Theory]
    [InlineData("root.tar")]
    [InlineData("root")]
    public async Task Layers_by_package_add_up_to_the_root_with_owners_modes_and_hard_links(string contents)
    {
        await Tool.BashAsync(
            """
            mkdir -p root/usr/bin root/etc root/var/lib/dpkg/info root/var/mail; cd root; ln -s usr/bin bin
            chgrp 8 var/mail; chmod 2775 var/mail; chmod 750 .
            echo x > usr/bin/chage; chgrp 42 usr/bin/chage; chmod 2755 usr/bin/chage; ln usr/bin/chage usr/bin/expiry
            echo s > etc/shadow; chgrp 42 etc/shadow
            echo y > usr/bin/perl; ln usr/bin/perl usr/bin/perl5; mkfifo usr/bin/pipe; chown 7:9 usr/bin/perl usr/bin/pipe; chmod 4711 usr/bin/perl
            printf 'Package: %s\nStatus: install ok installed\nArchitecture: all\nVersion: 1\n\n' passwd perl > var/lib/dpkg/status
            printf '/%s\n' usr usr/bin usr/bin/chage usr/bin/expiry > var/lib/dpkg/info/passwd.list
            printf '/%s\n' usr usr/bin usr/bin/perl usr/bin/perl5 usr/bin/pipe > var/lib/dpkg/info/perl.list
            cd ..; tar -C root -cf root.tar .
            """, _directory.Path);
        var result = await BuildAsync(
            options => options with { Contents = new([_directory[contents]], true, Store), Layering = LayeringStrategy.Dpkg });
        Assert.Equal(3, result.Layers.Count);
        var listing = await Tool.BashAsync(
            """
            mkdir unpacked; tar -C unpacked --numeric-owner -xpf root.tar; skopeo --insecure-policy copy -q docker-archive:out.tar:app:1 oci:layout:1
            umoci unpack --image layout:1 bundle > /dev/null
            list() { (cd $1; find . -printf '%p %y %m %U:%G %n %l\n' | sort); }
            diff <(list unpacked) <(list bundle/rootfs); list bundle/rootfs
            """, _directory.Path);
        Assert.Contains("./usr/bin/expiry f 2755 0:42 2", listing, StringComparison.Ordinal);
    }

    // Makes a program that refers to a library, and data without references to it.
    private Task<string> MakeStoreAsync() => Tool.BashAsync(
        $"""
        mkdir -p store/{Hello}/bin store/{Hello}/share store/{Libc} store/{Data}; cd store
        echo "#!{Store}/{Libc}/libc" > {Hello}/bin/tool; chmod 755 {Hello}/bin/tool
        cp {Hello}/bin/tool {Hello}/bin/hello; ln -s tool {Hello}/bin/relative
        echo doc > {Hello}/share/doc; echo libc > {Libc}/libc; echo run > {Data}/run; chmod -R a-w {Hello} {Libc}
        """, _directory.Path);

    private Task<ImageBuildResult> BuildAsync(
        Func<LayeredImageOptions, LayeredImageOptions> change, string output = "out.tar", IProgress<BuildEvent>? progress = null) =>
        TestSession.RunAsync(_directory["cache"], session => LayeredImageBuild.RunAsync(
        change(new()
        {
            Output = new ArchiveOutput(new(_directory[output], CompressionFormat.None), ArchiveFormat.Hybrid),
            Name = "app",
            Tag = "1",
            Contents = new([], false, Store),
        }), session), progress ?? new Progress<BuildEvent>());

    // skopeo reads every layer and checks it against its diff ID.
    private async Task AssertOthersReadItAsync(string archive, ImageBuildResult result)
    {
        await Tool.BashAsync($"rm -rf copy; skopeo --insecure-policy copy -q docker-archive:{archive}:app:1 dir:copy", _directory.Path);
        Assert.Equal(result.ImageId.ToString(), (await Tool.OutputAsync("jq", "-r", ".config.digest", _directory["copy/manifest.json"])).Trim());
    }

    /// <summary>Runs an action when a step begins, before the step continues.</summary>
    private sealed class OnStep(string step, Action action) : IProgress<BuildEvent>
    {
        public void Report(BuildEvent value)
        {
            if (value is StepStarted { Text: var text } && text == step) action();
        }
    }
}
