using OverlayImg.Builders.LayerDirectories;
using OverlayImg.FileSystems;
using OverlayImg.Images.Tests.TarSums;
using OverlayImg.Layers.Contents;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.PureLayers;

/// <summary>Pure layers compared with the results of dockerTools' own commands: rsync, GNU tar, moby's tarsum and jshon.</summary>
public sealed class SeedLayerTests(Moby moby) : IClassFixture<Moby>
{
    private const string BaseJson = """{"architecture":"amd64","config":{"Cmd":["/bin/sh"]},"created":"1970-01-01T00:00:01Z","os":"linux"}""";

    public static TheoryData<string> Names => [.. SeedTree.All.Select(tree => tree.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Layer_tar_json_and_VERSION_equal_those_of_dockerTools(string name)
    {
        var tree = SeedTree.All.Single(tree => tree.Name == name);
        using var directory = new TemporaryDirectory();
        var items = await tree.MakeAsync(directory);
        await File.WriteAllTextAsync(directory["base.json"], BaseJson);
        await SeedCommands.RunAsync(tree, items, directory, "dockerTools", moby.Command);
        await OursAsync(tree, items, directory);

        foreach (var member in new[] { "layer.tar", "json", "VERSION" })
        {
            var expected = await File.ReadAllBytesAsync(directory[$"dockerTools/{member}"]);
            var actual = await File.ReadAllBytesAsync(directory[$"ours/{member}"]);
            var same = expected.AsSpan().CommonPrefixLength(actual);
            Assert.True(expected.Length == same && actual.Length == same, $"{name}: {member} differs, first at byte {same}");
        }
    }

    /// <summary>
    /// The 9 GiB of zeros do not go through rsync, which would store them and does not change a single item, nor through cmp. GNU tar gives the
    /// headers and the length, and content without disk blocks is zeros.
    /// </summary>
    [Fact]
    public async Task A_file_of_9_GiB_is_packed_as_tar_packs_it()
    {
        // moby's TarSum of this layer is not compared: it takes most of a minute, and its rules do not depend on sizes.
        const string Tar = "tar -C a --hard-dereference --sort=name --mtime=@1 --owner=0 --group=0";
        using var directory = new TemporaryDirectory();
        await Tool.BashAsync("mkdir -m 775 a; truncate -s 9G a/huge; echo end >> a/huge", directory.Path);
        await OursAsync(new("huge", ""), ["a"], directory);
        await Tool.BashAsync($$"""
            headers=1024; content=$((9 << 30))
            { {{Tar}} -cf - . || true; } | head -c 1M | cmp - <(head -c 1M ours/layer.tar)
            length=$({{Tar}} --totals -cf /dev/null . 2>&1 | sed -E 's/.*written: ([0-9]+) .*/\1/')
            test $(stat -c %s ours/layer.tar) = $length
            tail -c +$((headers + content + 1)) ours/layer.tar | cmp - <(echo end; head -c $((length - headers - content - 4)) /dev/zero)
            test $(du -m ours/layer.tar | cut -f 1) -lt 8
            """, directory.Path);
    }

    /// <summary>
    /// rsync takes files of equal size and time for equal files. All times in a store are equal, so rsync would miss half of all changes.
    /// </summary>
    [Fact]
    public async Task Unlike_in_dockerTools_a_later_file_wins_even_with_equal_size_and_time()
    {
        var (dockerTools, ours) = await BothAsync(new("equal", "mkdir a b; echo one > a/f; echo two > b/f; touch -d 2001-01-01 a/f b/f"));
        Assert.Contains("one\n", dockerTools, StringComparison.Ordinal);
        Assert.Contains("two\n", ours, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unlike_in_dockerTools_extended_attributes_are_kept()
    {
        var (dockerTools, ours) = await BothAsync(new("kept", "mkdir a; echo x > a/f; setfattr -n user.mime -v text a/f"));
        Assert.DoesNotContain("SCHILY.xattr.user.mime=text\n", dockerTools, StringComparison.Ordinal);
        Assert.Contains("SCHILY.xattr.user.mime=text\n", ours, StringComparison.Ordinal);
    }

    /// <summary>rsync -k copies the target of a link from anywhere on the machine.</summary>
    [Fact]
    public async Task Unlike_in_dockerTools_a_link_out_of_the_contents_is_not_followed()
    {
        var (dockerTools, ours) = await BothAsync(new("outside", "mkdir a secret; echo content-of-secret > secret/key; ln -s ../secret a/link"));
        Assert.Contains("content-of-secret", dockerTools, StringComparison.Ordinal);
        Assert.DoesNotContain("content-of-secret", ours, StringComparison.Ordinal);
    }

    private async Task<(string DockerTools, string Ours)> BothAsync(SeedTree tree)
    {
        using var directory = new TemporaryDirectory();
        var items = await tree.MakeAsync(directory);
        await File.WriteAllTextAsync(directory["base.json"], BaseJson);
        await SeedCommands.RunAsync(tree, items, directory, "dockerTools", moby.Command);
        await OursAsync(tree, items, directory);
        return (await File.ReadAllTextAsync(directory["dockerTools/layer.tar"]), await File.ReadAllTextAsync(directory["ours/layer.tar"]));
    }

    private static Task<LayerResult> OursAsync(SeedTree tree, string[] items, TemporaryDirectory directory)
    {
        var baseJson = directory["base.json"];
        return TestSession.RunAsync(directory["cache"], session => PureLayerBuild.RunAsync(new()
        {
            OutputDirectory = directory["ours"],
            BaseJson = File.Exists(baseJson) ? baseJson : null,
            Layer = new()
            {
                Contents = new([.. items.Select(item => directory[item])], tree.KeepLinks, "/nix/store"),
                ExtraCommands = tree.ExtraCommands is { } commands ? new("commands", System.Text.Encoding.UTF8.GetBytes(commands)) : null,
                Dialect = Dialect.DockerTools,
                Uid = tree.Uid,
                Gid = tree.Gid,
                FileTime = new Timestamp(tree.Time),
                // dockerTools drops extended attributes. A tree without attributes gives the same layer when they are kept.
                KeepExtendedAttributes = !tree.Name.StartsWith("attributes", StringComparison.Ordinal),
            },
        }, session));
    }
}
