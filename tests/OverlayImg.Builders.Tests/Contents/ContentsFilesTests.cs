using OverlayImg.Builders.LayerDirectories;
using OverlayImg.Images.Sessions;
using OverlayImg.Layers.Contents;
using OverlayImg.Layers.Pure;
using OverlayImg.Layers.Scripts;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.Contents;

/// <summary>The files that are accepted as contents, and the extended attributes that a layer takes over from contents.</summary>
public sealed class ContentsFilesTests : IDisposable
{
    private const string Image =
        """
        mkdir -p image; echo x > file; tar -cf image/layer.tar file; sum=$(sha256sum image/layer.tar | cut -c -64)
        echo '{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:'$sum'"]}}' > image/config.json
        echo '[{"Config":"config.json","RepoTags":["base:1"],"Layers":["layer.tar"]}]' > image/manifest.json; tar -C image -cf docker.tar .
        """;

    private readonly TemporaryDirectory _directory = new();
    private readonly Lifetime _lifetime = new();

    public void Dispose()
    {
        _lifetime.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [InlineData("truncate -s 1M given", "begins with zeros")]
    [InlineData("head -c 10752 /dev/zero > given", "begins with zeros")]
    [InlineData("head -c 10752 /dev/zero | gzip > given", "begins with zeros")]
    [InlineData("(head -c 1024 /dev/zero; echo text; head -c 1000 /dev/zero) > given", "begins with zeros")]
    [InlineData("truncate -s 4M given; /sbin/mkfs.ext4 -q given", "ext4 file system")]
    [InlineData("truncate -s 4M given; /sbin/mkfs.ext4 -q given; echo boot | dd of=given conv=notrunc status=none", "ext4 file system")]
    [InlineData("echo x > f; python3 -m zipfile -c given f", "zip archive")]
    [InlineData("cp /bin/true given", "ELF program")]
    [InlineData("printf 'QFI\\373\\0\\0\\0\\3%01000d' 0 > given", "qcow2 disk")]
    [InlineData("echo text > given", "tar")]
    [InlineData(Image + "\nmv docker.tar given", "docker-archive")]
    [InlineData(Image + "\ngzip < docker.tar > given", "docker-archive")]
    [InlineData(Image + "\nmv image given", "docker-archive")]
    [InlineData(Image + "\nskopeo --insecure-policy copy -q docker-archive:docker.tar oci-archive:given:1", "OCI image layout")]
    [InlineData(Image + "\nskopeo --insecure-policy copy -q docker-archive:docker.tar oci:given:1", "OCI image layout")]
    public async Task Inputs_that_are_not_contents_are_refused_with_their_kind(string make, string said)
    {
        await Tool.BashAsync(make, _directory.Path);
        var error = Assert.Throws<InputException>(() => Read("given"));
        Assert.Equal(_directory["given"], error.Where.File);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.Advice);
    }

    [Theory]
    [InlineData("tar -cf given -T /dev/null")]
    [InlineData("python3 -c 'import tarfile; tarfile.open(\"given\", \"w\").close()'")]
    [InlineData("head -c 1024 /dev/zero > given")]
    [InlineData("tar -czf given -T /dev/null")]
    public async Task An_archive_without_members_is_accepted_with_a_warning(string make)
    {
        await Tool.BashAsync(make, _directory.Path);
        var contents = Read("given");
        Assert.Equal(0, contents.Tree.Root.Count);
        Assert.Contains("has no files", Assert.Single(contents.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mkdir given; echo '[1]' > given/manifest.json")]
    [InlineData("mkdir given; echo '{\"name\": \"a web app\"}' > given/manifest.json; touch given/index.json")]
    [InlineData("mkdir given; touch given/oci-layout given/layer.tar")]
    public async Task Files_named_like_image_documents_are_contents(string make)
    {
        await Tool.BashAsync(make, _directory.Path);
        var contents = Read("given");
        Assert.NotEqual(0, contents.Tree.Root.Count);
    }

    /// <summary>
    /// GNU tar writes access control lists as text only, and restores them from the layer's attributes. getfacl prints both for comparison.
    /// </summary>
    [Fact]
    public async Task Access_control_lists_in_text_form_become_attributes_of_the_layer()
    {
        await Tool.BashAsync(
            """
            mkdir c; echo x > c/f; mkdir c/d; echo x > c/plain
            setfacl -m u:games:rwx,u:4321:r,g:mail:rw,m::rx c/f; setfacl -d -m u:4321:rwx c/d; setfacl -m g:9:x c/d
            tar -C c --acls -cf c.tar .
            """, _directory.Path);
        var layer = await LayerAsync(new(), "c.tar");
        var expected = await Tool.BashAsync("cd c; getfacl -n f d plain", _directory.Path);
        await Tool.BashAsync("mkdir out; tar -C out --xattrs --xattrs-include='*' -xpf layer/layer.tar", _directory.Path);
        Assert.Equal(expected, await Tool.BashAsync("cd out; getfacl -n f d plain", _directory.Path));
        Assert.Contains("games, mail", Assert.Single(layer), StringComparison.Ordinal);

        await LayerAsync(new() { KeepExtendedAttributes = false }, "c.tar");
        Assert.DoesNotContain("posix_acl", await Tool.BashAsync("cat layer/layer.tar", _directory.Path), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("user::rw-\ngroup::r--\nother::r--\nuser:no-such-user:r--\nmask::r--\n", "no-such-user")]
    [InlineData("user::rw-\ngroup::r--\n", "lacks")]
    [InlineData("user::rw-\ngroup::r--\nother::r--\nuser:1:r--\n", "lacks")]
    [InlineData("user::rw-\nuser::r--\ngroup::r--\nother::r--\n", "twice")]
    [InlineData("user::rwz\ngroup::r--\nother::r--\n", "not an entry")]
    [InlineData("nonsense", "not an entry")]
    [InlineData("mask:1:r\nuser::rw-\ngroup::r--\nother::r--\n", "not an entry")]
    public async Task A_malformed_access_control_list_is_refused_with_its_path(string list, string said)
    {
        await WriteWithListAsync(list);
        var error = Assert.Throws<InputException>(() => Read("acl.tar"));
        Assert.Equal("f", error.Where.Path);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        var without = Read("acl.tar", xattrs: false);
        Assert.Empty(without.Tree.Find("f"u8)!.ExtendedAttributes);
    }

    /// <summary>star appends the numeric ID to a name. A comment in a list shows the effect of the mask.</summary>
    [Fact]
    public async Task A_numeric_ID_after_a_name_is_used()
    {
        await WriteWithListAsync(
            "user::rw-,user:no-such-user:rwx:4321,group::r--,group:no-such-group:rw-:70000,mask::r--\t#effective:r--,other::---");
        var contents = Read("acl.tar");
        Assert.Empty(contents.Warnings);
        var value = contents.Tree.Find("f"u8)!.ExtendedAttributes.Find("system.posix_acl_access"u8)!;
        // The format is that of linux/posix_acl_xattr.h.
        Assert.Equal(
            "02000000" + "01000600FFFFFFFF" + "02000700E1100000" + "04000400FFFFFFFF" + "0800060070110100" + "10000400FFFFFFFF" + "20000000FFFFFFFF",
            Convert.ToHexString(value.Span));
    }

    [Fact]
    public async Task The_attribute_is_used_if_an_archive_has_both_forms()
    {
        await WriteWithListAsync("user::rw-,user:no-such-user:rwx,group::r--,mask::r--,other::---", attribute: "binary");
        var contents = Read("acl.tar");
        Assert.Equal("binary", contents.Tree.Find("f"u8)!.ExtendedAttributes.Find("system.posix_acl_access"u8)!.ToString());
    }

    [Fact]
    public async Task Overlayfs_attributes_of_contents_and_commands_are_left_out()
    {
        await Tool.BashAsync(
            """
            mkdir -p c/d c/e; touch c/d/f c/e/f
            setfattr -n user.overlay.opaque -v y c/d; setfattr -n trusted.overlay.opaque -v y c/e; setfattr -n user.mine -v 1 c/d
            tar -C c --xattrs --xattrs-include='*' -cf c.tar .
            """, _directory.Path);
        foreach (var contents in (string[])["c", "c.tar"])
        {
            var script = new Script("commands", ("mkdir made; touch made/f; setfattr -n user.overlay.redirect -v /etc made; "u8 +
                "setfattr -n user.overlay.metacopy -v y made/f"u8).ToArray());
            var warnings = await LayerAsync(new() { ExtraCommands = script }, contents);
            var attributes = await Tool.BashAsync(
                "tar -xOf layer/layer.tar >/dev/null; tar --xattrs --xattrs-include='*' -tvvf layer/layer.tar", _directory.Path);
            Assert.Contains("user.mine", attributes, StringComparison.Ordinal);
            Assert.DoesNotContain("overlay.", attributes, StringComparison.Ordinal);
            Assert.Equal(4, warnings.Count(warning => warning.Contains("overlayfs's own attributes", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task A_layer_without_files_gives_a_warning()
    {
        Directory.CreateDirectory(_directory["empty"]);
        Assert.Contains("has no files", Assert.Single(await LayerAsync(new(), "empty")), StringComparison.Ordinal);
    }

    private ContentsResult Read(string name, bool xattrs = true)
    {
        return ContentsTree.Read([_directory[name]], new() { Xattrs = xattrs }, TestSession.Of(_lifetime, _directory["cache"])).Over(new(null));
    }

    private Task<string> WriteWithListAsync(string list, string attribute = "") => Tool.BashAsync(
        $$"""
        python3 - <<'END'
        import tarfile
        (member, list) = (tarfile.TarInfo("f"), {{System.Text.Json.Nodes.JsonValue.Create(list)!.ToJsonString()}})
        member.pax_headers = {"SCHILY.acl.access": list}
        if "{{attribute}}": member.pax_headers["SCHILY.xattr.system.posix_acl_access"] = "{{attribute}}"
        with tarfile.open("acl.tar", "w", format=tarfile.PAX_FORMAT) as archive: archive.addfile(member)
        END
        """, _directory.Path);

    private async Task<List<string>> LayerAsync(PureLayerOptions options, string contents)
    {
        var warnings = new Recorder();
        await TestSession.RunAsync(_directory["cache"], session => PureLayerBuild.RunAsync(
            new()
            {
                OutputDirectory = _directory["layer"],
                Layer = options with { Contents = new([_directory[contents]], true, "/nix/store") },
            }, session), warnings);
        return warnings.Texts;
    }

    private sealed class Recorder : IProgress<BuildEvent>
    {
        public List<string> Texts { get; } = [];

        public void Report(BuildEvent value)
        {
            if (value is Warning warning) Texts.Add(warning.Text);
        }
    }
}
