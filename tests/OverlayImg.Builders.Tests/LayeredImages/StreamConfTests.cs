using OverlayImg.Builders.LayeredImages.StreamConfs;
using OverlayImg.Builders.NewImages;
using OverlayImg.Images.Compression;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.LayeredImages;

/// <summary>Archives made from a conf.json equal those of nixpkgs' stream script, by comparison with Python's tarfile.</summary>
public sealed class StreamConfTests : IDisposable
{
    private const int Stores = 24;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Archives_of_random_stores_equal_the_reference_member_by_member()
    {
        await ReferenceScripts.RunAsync("stream-oracle.py", "make", _directory.Path, $"{Stores}");
        for (var number = 0; number < Stores; number++) await BuildAsync($"{number}/conf.json", $"{number}/out.tar");
        var told = await ReferenceScripts.RunAsync("stream-oracle.py", "check", _directory.Path, $"{Stores}");
        Assert.Equal($"{Stores} of {Stores} archives are the reference's\n", told);
    }

    [Fact]
    public async Task Another_name_changes_the_manifest_alone()
    {
        await ReferenceScripts.RunAsync("stream-oracle.py", "make", _directory.Path, "1");
        var first = await BuildAsync("0/conf.json", "first.tar");
        var second = await BuildAsync("0/conf.json", "second.tar", "team/app:2");
        Assert.Equal(first.ImageId, second.ImageId);
        Assert.Equal("team/app:2", second.Reference.ToString());
        Assert.Equal("team/app:2\n", await Tool.BashAsync("tar -xOf second.tar manifest.json | jq -r '.[0].RepoTags[]'", _directory.Path));
        await Tool.BashAsync("cmp <(tar -xOf first.tar --exclude=manifest.json) <(tar -xOf second.tar --exclude=manifest.json)", _directory.Path);
    }

    [Fact]
    public async Task A_conf_without_time_and_owner_gets_the_time_of_the_image_and_the_owner_root()
    {
        await ReferenceScripts.RunAsync("stream-oracle.py", "make", _directory.Path, "4");
        // Unknown keys are ignored. The explicit values equal the defaults for the conf.json of an older nixpkgs.
        await Tool.BashAsync(
            """
            jq '. + {created: "2001-01-01T00:00:00Z", store_dir: null, store_layers: [], from_image: null, extra: 1}' 3/conf.json > all.json
            jq '. + {mtime: .created, uid: 0, gid: 0, uname: "root", gname: "root"}' all.json > explicit.json
            jq 'del(.mtime, .uid, .gid, .uname, .gname, .store_dir, .from_image)' all.json > implicit.json
            """, _directory.Path);
        await BuildAsync("explicit.json", "explicit.tar");
        await BuildAsync("implicit.json", "implicit.tar");
        await Tool.BashAsync("cmp explicit.tar implicit.tar", _directory.Path);
    }

    [Theory]
    [InlineData(".store_layers = [[.store_dir + \"/missing\"]]", "does not exist")]
    [InlineData(".store_layers = [[\"/etc/passwd\"]]", "no path directly in the store")]
    [InlineData(".store_layers = [[.store_dir + \"/../etc\"]]", "no path directly in the store")]
    [InlineData(".store_layers = [\"a\"]", "store_layers should be")]
    [InlineData("del(.store_layers)", "store_layers should be")]
    [InlineData("del(.repo_tag)", "has no repo_tag")]
    [InlineData(".uid = -1", "uid should be")]
    [InlineData(".mtime = \"yesterday\"", "mtime should be")]
    [InlineData(".customisation_layer = \"/missing\"", "/missing/checksum")]
    [InlineData(".from_image = \"/missing.tar\"", "/missing.tar")]
    [InlineData(".config = []", "config should be")]
    public async Task An_invalid_value_is_refused_by_name(string change, string said)
    {
        await ReferenceScripts.RunAsync("stream-oracle.py", "make", _directory.Path, "1");
        await Tool.BashAsync($"jq '{change}' 0/conf.json > wrong.json", _directory.Path);
        var error = await Assert.ThrowsAsync<InputException>(() => BuildAsync("wrong.json", "out.tar"));
        Assert.Contains(said, error.Describe(), StringComparison.Ordinal);
        Assert.False(File.Exists(_directory["out.tar"]));
    }

    [Fact]
    public async Task A_customisation_layer_with_a_wrong_checksum_is_refused()
    {
        await ReferenceScripts.RunAsync("stream-oracle.py", "make", _directory.Path, "1");
        await Tool.BashAsync("chmod 600 \"0/it's/layer.tar\"; printf more >> \"0/it's/layer.tar\"", _directory.Path);
        var error = await Assert.ThrowsAsync<InputException>(() => BuildAsync("0/conf.json", "out.tar"));
        Assert.Contains("the file checksum next to it", error.Message, StringComparison.Ordinal);
    }

    private Task<ImageBuildResult> BuildAsync(string conf, string output, string? repoTag = null) => TestSession.RunAsync(
        _directory["cache"], session => StreamConfBuild.RunAsync(
        new() { Conf = _directory[conf], RepoTag = repoTag, Destination = new(_directory[output], CompressionFormat.None) }, session));
}
