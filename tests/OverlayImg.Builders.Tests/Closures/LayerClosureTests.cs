using System.Text;
using System.Text.Json.Nodes;
using OverlayImg.Builders.ImageBuilds;
using OverlayImg.Builders.LayerDirectories;
using OverlayImg.Builders.LayeredImages;
using OverlayImg.Builders.NewImages;
using OverlayImg.Caching;
using OverlayImg.Closures.Layering;
using OverlayImg.Images.Archives.Writing;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Outputs;
using OverlayImg.Images.Sessions;
using OverlayImg.Layers.Contents;
using OverlayImg.Layers.Ready;
using OverlayImg.Layers.Scripts;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.Closures;

/// <summary>
/// The store paths that an image gets if no closure is given, in every command: the paths that contents, config and scripts name. A missing store
/// path is an error that names the path.
/// </summary>
public sealed class LayerClosureTests : IDisposable
{
    private const string App = "00000000000000000000000000000001-app";
    private const string Libc = "00000000000000000000000000000002-libc";
    private const string Data = "00000000000000000000000000000003-data";
    private const string Link = "00000000000000000000000000000004-link";
    private const string Bash = "00000000000000000000000000000005-bash";
    private const string Missing = "00000000000000000000000000000006-missing+1.0";

    private readonly TemporaryDirectory _directory = new();

    public LayerClosureTests() => Tool.BashAsync(
        $"""
        mkdir -p store/{App}/bin store/{Libc} store/{Data} store/{Bash}/bin plain; cd store
        echo "#!{Store}/{Libc}/ld" > {App}/bin/app; echo ld > {Libc}/ld; echo data > {Data}/data; ln -s {Store}/{App} {Link}
        printf '#!/bin/sh\n' > {Bash}/bin/dash; chmod 755 {App}/bin/app {Bash}/bin/dash; echo file > ../plain/file
        """, _directory.Path).GetAwaiter().GetResult();

    public void Dispose() => _directory.Dispose();

    private string Store => _directory["store"];

    [Theory]
    [InlineData(ArchiveFormat.Hybrid)]
    [InlineData(ArchiveFormat.DockerTools)]
    public async Task Build_adds_the_store_paths_that_contents_config_and_commands_name(ArchiveFormat format)
    {
        await BuildAsync(options => options with
        {
            Output = options.Output with { Format = format },
            Contents = new([$"{Store}/{App}"], false, Store),
            Config = new() { ["Env"] = new JsonArray($"DATA={Store}/{Data}") },
            ExtraCommands = Script($"ln -s {Store}/{Bash}/bin/dash shell"),
        });
        // Contents are copied to the root directory, so their own store path is not needed.
        Assert.Equal([Libc, Data, Bash], await PathsOfTopLayerAsync());
        Assert.Equal("ld\n", await Tool.BashAsync($"{TopLayer} | tar -xO {Store[1..]}/{Libc}/ld", _directory.Path));
    }

    [Fact]
    public async Task Layer_adds_the_store_paths_that_contents_base_json_and_commands_name()
    {
        await File.WriteAllTextAsync(_directory["base.json"], $$$"""{"config":{"Cmd":["{{{Store}}}/{{{Data}}}/run"]}}""");
        var result = await TestSession.RunAsync(_directory["cache"], session => PureLayerBuild.RunAsync(new()
        {
            OutputDirectory = _directory["layer"],
            BaseJson = _directory["base.json"],
            Layer = new() { Contents = new([$"{Store}/{App}"], false, Store), ExtraCommands = Script($"echo {Bash} > note") },
        }, session));
        var names = (await Tool.BashAsync("tar -tf layer/layer.tar", _directory.Path)).TrimEnd().Split('\n');
        Assert.Equal(result.Entries, names.Length);
        Assert.Equal([Libc, Data, Bash], InStore(names));
    }

    [Fact]
    public async Task A_closure_file_is_used_without_additions()
    {
        await File.WriteAllTextAsync(_directory["closure"], $"{Store}/{Data}\n");
        ImageBuildOptions Make(ImageBuildOptions options) =>
            options with { Contents = new([$"{Store}/{App}"], false, Store), ClosureFile = _directory["closure"] };
        await BuildAsync(Make);
        Assert.Equal([Data], await PathsOfTopLayerAsync());
        // Only the config is compared with the closure: nothing else can provide a store path that the config names.
        var error = await Assert.ThrowsAsync<InputException>(() =>
            BuildAsync(options => Make(options) with { Config = new() { ["Cmd"] = new JsonArray($"{Store}/{Libc}/ld") } }));
        Assert.Contains($"{Store}/{Libc}, which {_directory["closure"]} does not have", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("echo $s/$m/x > plain/file", null, "file")]
    [InlineData("{ head -c 262100 /dev/zero; echo $s/$m/x; } > plain/file", null, "file")]
    [InlineData("ln -s $s/$m plain/link", null, "link")]
    [InlineData("true", "$s/$m/bin/x", "the config")]
    public async Task A_missing_store_path_is_an_error_in_every_command(string make, string? command, string place)
    {
        await Tool.BashAsync(Expand(make), _directory.Path);
        var config = command is null ? null : new JsonObject { ["Cmd"] = new JsonArray(Expand(command)) };
        var contents = new LayerContents([_directory["plain"]], false, Store);
        await Tool.BashAsync($"echo '{new JsonObject { ["config"] = config?.DeepClone() }.ToJsonString()}' > base.json", _directory.Path);
        Func<Task>[] verbs =
        [
            () => BuildAsync(options => options with { Contents = contents, Config = config }),
            () => BuildLayeredAsync(options => options with { Contents = contents, Config = config }),
            () => TestSession.RunAsync(_directory["cache"], session => PureLayerBuild.RunAsync(
                new() { OutputDirectory = _directory["layer"], BaseJson = _directory["base.json"], Layer = new() { Contents = contents } }, session)),
        ];
        foreach (var verb in verbs)
        {
            var error = await Assert.ThrowsAsync<InputException>(verb);
            Assert.Contains($"names the store path {Store}/{Missing}, which is neither", error.Message, StringComparison.Ordinal);
            Assert.Equal(place, error.Where.File ?? error.Where.Path);
        }

        Assert.False(File.Exists(_directory["out.tar"]) || Directory.Exists(_directory["layer"]));
    }

    [Fact]
    public async Task Store_paths_in_contents_or_base_are_not_missing_and_derivations_are_not_needed()
    {
        var inside = $"plain{Store}";
        await Tool.BashAsync(
            $"mkdir -p {inside}/{Missing}; echo {Store}/{Missing}/x > plain/file; echo {Store}/{Missing.Replace('6', '7')}.drv > plain/drv",
            _directory.Path);
        await BuildAsync(options => options with { Contents = new([_directory["plain"]], false, Store) });
        await Tool.BashAsync("mv out.tar base.tar", _directory.Path);
        await BuildAsync(options => options with
        {
            From = new(new PathLocation(_directory["base.tar"]), null, null),
            Contents = new([], false, Store),
            Config = new() { ["Cmd"] = new JsonArray($"{Store}/{Missing}/x") },
        });
    }

    [Fact]
    public async Task A_missing_store_path_that_only_a_script_names_gives_a_warning()
    {
        var warnings = new List<string>();
        await BuildAsync(
            options => options with { Contents = new([], false, Store), ExtraCommands = Script($"echo {Store}/{Missing} > note") },
            new Collector(warnings));
        Assert.Contains(warnings, warning =>
            warning.StartsWith("note, which a script made, names", StringComparison.Ordinal) && warning.Contains(Missing, StringComparison.Ordinal));
    }

    // The case of nixpkgs' layeredStoreSymlink: the path that the user names is a symbolic link to another store path.
    [Theory]
    [InlineData("store/$l")]
    [InlineData("result")]
    public async Task A_store_path_that_is_a_symbolic_link_is_in_the_image_and_stays_one(string path)
    {
        await Tool.BashAsync($"ln -s store/{Link} result", _directory.Path);
        var contents = new LayerContents([_directory[path.Replace("$l", Link, StringComparison.Ordinal)]], false, Store);
        await BuildLayeredAsync(options => options with { Contents = contents, Layering = LayeringStrategy.Popularity, MaxLayers = 2 });
        var listing = await Tool.BashAsync(
            "for l in $(tar -xOf out.tar manifest.json | jq -r '.[0].Layers[]'); do tar -xOf out.tar $l | tar -tvP; done", _directory.Path);
        Assert.Contains($" {Store}/{Link} -> {Store}/{App}\n", listing, StringComparison.Ordinal);
        Assert.Contains($" ./bin/app -> {Store}/{Link}/bin/app\n", listing, StringComparison.Ordinal);
        Assert.Contains($" {Store}/{Libc}/ld\n", listing, StringComparison.Ordinal);
        await BuildAsync(options => options with { Contents = contents, NixDatabase = true });
        Assert.Equal([App, Libc, Link], (await RegisteredAsync()).Order());
    }

    [Theory]
    [InlineData("in the closure")]
    [InlineData("on this machine")]
    public async Task Bin_sh_links_to_a_shell_of_the_closure_or_of_the_host_store(string where)
    {
        var config = where == "in the closure" ? new JsonObject { ["Env"] = new JsonArray($"SHELL_PACKAGE={Store}/{Bash}") } : null;
        // Tests that run at the same time see the changed PATH. None of them runs dash.
        await Tool.BashAsync($"mkdir path; ln -s {Store}/{Bash}/bin/dash path/dash", _directory.Path);
        var path = Environment.GetEnvironmentVariable("PATH");
        Environment.SetEnvironmentVariable("PATH", $"{_directory["path"]}:{path}");
        try
        {
            await BuildAsync(options => options with { Contents = new([], false, Store), Config = config, Ready = ReadyContents.BinSh });
        }
        finally
        {
            Environment.SetEnvironmentVariable("PATH", path);
        }

        Assert.Equal($"{Store}/{Bash}/bin/dash\n", await Tool.BashAsync($"{TopLayer} | tar -tv ./bin/sh | sed 's/.* -> //'", _directory.Path));
        Assert.Equal([Bash], await PathsOfTopLayerAsync());
    }

    [Fact]
    public async Task The_database_exists_before_commands_run_and_gains_the_paths_that_they_name()
    {
        var state = $".{Path.GetDirectoryName(Store)}/var/nix";
        var commands =
            $"python3 -c 'import sqlite3; print(*sqlite3.connect(\"{state}/db/db.sqlite\").execute(\"select path from ValidPaths\"))' > seen; " +
            $"chmod 600 {state}/db/db.sqlite; echo {Bash} > note";
        ImageBuildOptions Make(ImageBuildOptions options) =>
            options with
            {
                Contents = new([_directory["plain"]], false, Store),
                Config = new() { ["Cmd"] = new JsonArray($"{Store}/{App}/bin/app") },
                NixDatabase = true,
            };
        await BuildAsync(options => Make(options) with { ExtraCommands = Script(commands) });
        Assert.Equal($"('{Store}/{App}',) ('{Store}/{Libc}',)\n", await Tool.BashAsync($"{TopLayer} | tar -xO ./seen", _directory.Path));
        Assert.Equal([App, Libc, Bash], await RegisteredAsync());
        var listing = await Tool.BashAsync($"{TopLayer} | tar -tv", _directory.Path);
        Assert.Contains($"{state}/gcroots/docker/{Bash} -> {Store}/{Bash}\n", listing, StringComparison.Ordinal);
        Assert.Matches($"-rw------- [^\n]*{state}/db/db.sqlite\n", listing);

        // A database that the user's commands wrote stays unchanged.
        var warnings = new List<string>();
        await BuildAsync(
            options => Make(options) with { ExtraCommands = Script($"echo own > {state}/db/db.sqlite; echo {Bash} > note") },
            new Collector(warnings));
        Assert.Equal("own\n", await Tool.BashAsync($"{TopLayer} | tar -xO {state}/db/db.sqlite", _directory.Path));
        Assert.Contains(warnings, warning => warning.StartsWith("A script changed the Nix database", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Layering_by_package_refuses_a_config_that_names_a_store_path()
    {
        await Tool.BashAsync("mkdir -p plain/var/lib/dpkg/info; " +
            "printf 'Package: a\\nStatus: install ok installed\\nArchitecture: all\\nVersion: 1\\n\\n' > plain/var/lib/dpkg/status; " +
            "echo /file > plain/var/lib/dpkg/info/a.list", _directory.Path);
        var error = await Assert.ThrowsAsync<InputException>(() => BuildLayeredAsync(options => options with
        {
            Contents = new([_directory["plain"]], true, Store),
            Layering = LayeringStrategy.Dpkg,
            Config = new() { ["Cmd"] = new JsonArray($"{Store}/{Data}/data") },
        }));
        Assert.Contains($"{Store}/{Data}", error.Message, StringComparison.Ordinal);
    }

    private const string TopLayer = "tar -xOf out.tar $(tar -xOf out.tar manifest.json | jq -r '.[0].Layers[-1]')";

    private static Script Script(string text) => new("commands", Encoding.UTF8.GetBytes(text));

    private string Expand(string text) => text.Replace("$s", Store, StringComparison.Ordinal).Replace("$m", Missing, StringComparison.Ordinal);

    private async Task<string[]> PathsOfTopLayerAsync() =>
        InStore((await Tool.BashAsync($"{TopLayer} | tar -t", _directory.Path)).TrimEnd().Split('\n'));

    private string[] InStore(IEnumerable<string> names) =>
    [
        .. names.Where(name => name.StartsWith(Store[1..] + "/", StringComparison.Ordinal))
            .Select(name => name[Store.Length..].Split('/')[0]).Distinct(),
    ];

    private async Task<string[]> RegisteredAsync()
    {
        await Tool.BashAsync($"{TopLayer} | tar -xO .{Path.GetDirectoryName(Store)}/var/nix/db/db.sqlite > db.sqlite", _directory.Path);
        var paths = await Tool.OutputAsync(
            "python3", "-c", "import sqlite3, sys; print(*[row[0] for row in sqlite3.connect(sys.argv[1]).execute('select path from ValidPaths')])",
            _directory["db.sqlite"]);
        return [.. paths.TrimEnd().Split(' ').Select(path => Path.GetFileName(path))];
    }

    private Task<ImageBuildResult> BuildAsync(
        Func<ImageBuildOptions, ImageBuildOptions> change, IProgress<BuildEvent>? progress = null) => TestSession.RunAsync(
        _directory["cache"], session => ImageBuild.RunAsync(
        change(new()
        {
            Output = new ArchiveOutput(new(_directory["out.tar"], CompressionFormat.None), ArchiveFormat.Hybrid),
            Name = "app",
            Tag = "1",
        }), session), progress ?? new Progress<BuildEvent>());

    private Task<ImageBuildResult> BuildLayeredAsync(Func<LayeredImageOptions, LayeredImageOptions> change) => TestSession.RunAsync(
        _directory["cache"], session => LayeredImageBuild.RunAsync(
        change(new()
        {
            Output = new ArchiveOutput(new(_directory["out.tar"], CompressionFormat.None), ArchiveFormat.Hybrid),
            Name = "app",
            Tag = "1",
        }), session));

    private sealed class Collector(List<string> warnings) : IProgress<BuildEvent>
    {
        public void Report(BuildEvent value)
        {
            if (value is Warning { Text: var text }) warnings.Add(text);
        }
    }
}
