using OverlayImg.Builders.LayerDirectories;
using OverlayImg.Caching;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Sessions;
using OverlayImg.Layers.Contents;
using OverlayImg.Layers.Pure;
using OverlayImg.Layers.Scripts;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.PureLayers;

/// <summary>Owners, hard links and the root directory of layers in both dialects. GNU tar makes the contents and lists the layers.</summary>
public sealed class OwnerTests : IDisposable
{
    // chage is a setgid file of a group other than root, and has a second hard link.
    private const string Root =
        """
        mkdir -p root/usr/bin root/etc; echo x > root/usr/bin/chage; chgrp 42 root/usr/bin/chage; chmod 2755 root/usr/bin/chage
        ln root/usr/bin/chage root/usr/bin/expiry; echo s > root/etc/shadow; chown 7:42 root/etc/shadow; chmod 640 root/etc/shadow; chown 5:6 root/etc
        """;

    private readonly TemporaryDirectory _directory = new();
    private readonly List<string> _warnings = [];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Files_of_a_tarball_keep_owners_modes_and_hard_links()
    {
        await Tool.BashAsync(Root + "\ntar -C root -czf root.tgz .", _directory.Path);
        Assert.Equal(
            [
                "drwxr-xr-x 0/0 ./", "drwxr-xr-x 5/6 ./etc/", "-rw-r----- 7/42 ./etc/shadow", "drwxr-xr-x 0/0 ./usr/", "drwxr-xr-x 0/0 ./usr/bin/",
                "-rwxr-sr-x 0/42 ./usr/bin/chage", "hrwxr-sr-x 0/42 ./usr/bin/expiry link to ./usr/bin/chage",
            ],
            await LayerAsync(new(), "root.tgz"));
        Assert.Empty(_warnings);
    }

    [Fact]
    public async Task In_dockerTools_dialect_root_owns_every_file_and_a_warning_is_given()
    {
        await Tool.BashAsync(Root + "\ntar -C root -cf root.tar .", _directory.Path);
        var lines = await LayerAsync(new() { Dialect = Dialect.DockerTools }, "root.tar");
        Assert.All(lines, line => Assert.Contains(" 0/0 ", line, StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.StartsWith('h'));
        Assert.Equal("drwxrwxr-x 0/0 ./", lines[0]);
        Assert.Contains("root.tar: 4 files lose their owners", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_of_a_contents_directory_belong_to_root_and_the_mode_of_the_directory_is_ignored()
    {
        await Tool.BashAsync(Root + "\nchmod 1777 root", _directory.Path);
        var lines = await LayerAsync(new(), "root");
        Assert.Equal(["drwxr-xr-x 0/0 ./", "drwxr-xr-x 0/0 ./etc/", "-rw-r----- 0/0 ./etc/shadow"], lines[..3]);
        Assert.DoesNotContain(lines, line => line.StartsWith('h'));
    }

    [Theory]
    [InlineData("true", "drwxr-x--x 0/0 ./", "-rw-r----- 7/42 ./etc/shadow", 0)]
    [InlineData("chown -R 1000:1000 root", "drwxr-xr-x 0/0 ./", "-rw-r----- 0/0 ./etc/shadow", 1)]
    public async Task A_root_file_system_keeps_its_owners_if_root_unpacked_it(
        string change, string top, string shadow, int warnings)
    {
        await Tool.BashAsync($"{Root}\nchmod 751 root\n{change}", _directory.Path);
        var lines = await LayerAsync(new() { ContentsAreRootFileSystem = true }, "root");
        Assert.Equal((top, shadow), (lines[0], lines[2]));
        Assert.Equal(warnings, _warnings.Count);
        Assert.Equal(warnings == 0, lines.Any(line => line.StartsWith('h')));
    }

    [Theory]
    [InlineData("c", null, "1000/1000 ./home/app/", "0/0 ./home/app/new", "0/0 ./etc/", "0/0 ./opt/own/")]
    [InlineData("c", 900u, "1000/1000 ./home/app/", "900/900 ./home/app/new", "0/0 ./etc/", "900/900 ./opt/own/")]
    [InlineData("c.tar", 900u, "1000/1000 ./home/app/", "900/900 ./home/app/new", "0/0 ./etc/", "900/900 ./opt/own/")]
    [InlineData("c.tar", null, "3/3 ./home/app/", "3/3 ./home/app/new", "3/3 ./etc/", "3/3 ./opt/own/")]
    public async Task Directories_of_the_base_keep_their_owners_unless_a_tarball_has_others(
        string contents, uint? owner, params string[] expected)
    {
        await Tool.BashAsync(
            """
            mkdir -p base/home/app base/etc base/opt base/srv/www c/home/app c/etc c/opt/own; chown 1000:1000 base/home/app; chown 33:33 base/srv/www
            touch c/home/app/new c/etc/new c/opt/own/new; chown -R 3:3 c; tar -C c -cf c.tar .; tar -C base -cf base.tar .
            """, _directory.Path);
        var script = new Script("commands", "mkdir -p srv/www; echo x > srv/www/made"u8.ToArray());
        var lines = await LayerAsync(new() { Uid = owner, Gid = owner, ExtraCommands = script }, contents, await BaseAsync());
        var owners = lines.Select(line => line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]).ToArray();
        foreach (var line in expected) Assert.Contains(line, owners);
        // The commands made this directory again to put a file into it.
        Assert.Contains("33/33 ./srv/www/", owners);
        Assert.Contains($"{owner ?? 0}/{owner ?? 0} ./srv/www/made", owners);
        Assert.Equal("0/0 ./", owners[0]);
    }

    private async Task<ImageChoice> BaseAsync()
    {
        await Tool.BashAsync(
            """
            mkdir -p image; cp base.tar image/layer.tar; sum=$(sha256sum base.tar | cut -c -64)
            echo '{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:'$sum'"]}}' > image/config.json
            echo '[{"Config":"config.json","RepoTags":["base:1"],"Layers":["layer.tar"]}]' > image/manifest.json; tar -C image -cf image.tar .
            """, _directory.Path);
        return new(new PathLocation(_directory["image.tar"]), null, null);
    }

    private async Task<string[]> LayerAsync(PureLayerOptions options, string contents, ImageChoice? from = null)
    {
        await TestSession.RunAsync(_directory["cache"], session => PureLayerBuild.RunAsync(
            new()
            {
                OutputDirectory = _directory["layer"],
                From = from,
                Layer = options with { Contents = new([_directory[contents]], true, "/nix/store") },
            }, session), new Warnings(_warnings));
        var listing = await Tool.BashAsync(
            "tar --numeric-owner -tvf layer/layer.tar | sed -E 's/ +[0-9]+ [0-9]{4}-[0-9-]+ [0-9:]+ / /'", _directory.Path);
        return listing.TrimEnd().Split('\n');
    }

    private sealed class Warnings(List<string> texts) : IProgress<BuildEvent>
    {
        public void Report(BuildEvent value)
        {
            if (value is Warning warning) texts.Add(warning.Text);
        }
    }
}
