using OverlayImg.Builders.Tests.Contents;
using OverlayImg.FileSystems;
using OverlayImg.Layers;
using OverlayImg.Layers.Ready;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.PureLayers;

public sealed class ReadyContentsTests
{
    private const ReadyContents All = ReadyContents.FakeNss | ReadyContents.BinSh | ReadyContents.UsrBinEnv | ReadyContents.CaCertificates;

    [Fact]
    public async Task Fake_nss_equals_that_of_nixpkgs()
    {
        using var layer = await PreparedLayer.MakeAsync("true", new() { Ready = ReadyContents.FakeNss });
        Assert.Equal("root:x:0:0:root user:/var/empty:/bin/sh\nnobody:x:65534:65534:nobody:/var/empty:/bin/sh\n", layer.Text("etc/passwd"));
        Assert.Equal("root:x:0:\nnobody:x:65534:\n", layer.Text("etc/group"));
        Assert.Equal("hosts: files dns\n", layer.Text("etc/nsswitch.conf"));
        Assert.Equal(0, Assert.IsType<DirectoryNode>(layer.Find("var/empty")).Count);
        Assert.Empty(layer.Notices);
    }

    [Theory]
    [InlineData("mkdir -p bin; echo > bin/busybox; chmod 755 bin/busybox", "/bin/busybox", "/bin/busybox")]
    [InlineData("mkdir -p usr/bin bin; echo > usr/bin/dash; echo > bin/env; chmod 755 usr/bin/dash bin/env", "/usr/bin/dash", "/bin/env")]
    [InlineData("mkdir -p usr/bin; ln -s usr/bin bin; echo > bin/bash; echo > bin/coreutils; chmod 755 bin/*", "/bin/bash", "/bin/coreutils")]
    [InlineData("p=nix/store/aaa-bash-5/bin; mkdir -p $p bin; echo > $p/bash; echo > $p/env; echo > bin/bash; chmod 755 $p/*",
        "/nix/store/aaa-bash-5/bin/bash", "/nix/store/aaa-bash-5/bin/env")]
    public async Task Bin_sh_and_usr_bin_env_link_to_existing_programs(string contents, string shell, string env)
    {
        using var layer = await PreparedLayer.MakeAsync(contents, new() { Ready = ReadyContents.BinSh | ReadyContents.UsrBinEnv });
        var resolver = new TreeResolver(layer.Tree);
        Assert.Equal(shell, Target("bin/sh"));
        Assert.Equal(env, Target("usr/bin/env"));

        string Target(string path) =>
            Assert.IsType<SymbolicLinkNode>(resolver.Resolve(ByteString.FromText(path), followLast: false).Node).Target.ToString();
    }

    [Fact]
    public async Task Ready_contents_follow_the_links_of_the_base_and_use_its_programs()
    {
        using var directory = new TemporaryDirectory();
        var @base = await Trees.MakeAsync(
            directory["base"],
            "mkdir -p usr/bin; ln -s usr/bin bin; echo > usr/bin/bash; echo > usr/bin/busybox; " +
            "chmod 755 usr/bin/*; chmod 711 usr; chown 5:6 usr/bin");
        using var layer = await PreparedLayer.MakeAsync("true", new() { Ready = All, Uid = 1, Gid = 2 }, @base);
        Assert.Equal("/bin/bash", Assert.IsType<SymbolicLinkNode>(layer.Find("usr/bin/sh")).Target.ToString());
        Assert.Equal("/bin/busybox", Assert.IsType<SymbolicLinkNode>(layer.Find("usr/bin/env")).Target.ToString());
        Assert.Null(layer.Find("bin"));
        // Directories of the base on the way to a new file keep their owner and mode.
        Assert.Equal((5u, 6u), (layer.Find("usr/bin")!.Uid, layer.Find("usr/bin")!.Gid));
        Assert.Equal(0x1C9 /* 0711 */, layer.Find("usr")!.Permissions);
        Assert.Equal((1u, 2u), (layer.Find("etc/passwd")!.Uid, layer.Find("etc")!.Gid));
    }

    [Fact]
    public async Task Files_of_the_contents_or_the_base_are_kept_with_a_notice()
    {
        using var directory = new TemporaryDirectory();
        var @base = await Trees.MakeAsync(
            directory["base"], "mkdir -p etc bin usr/bin; echo base > etc/group; ln -s nowhere bin/sh; echo > usr/bin/env");
        using var layer = await PreparedLayer.MakeAsync(
            "mkdir -p etc/ssl/certs; echo mine > etc/passwd; echo own > etc/ssl/certs/ca-certificates.crt", new() { Ready = All }, @base);
        Assert.Equal("mine\n", layer.Text("etc/passwd"));
        Assert.Equal("own\n", layer.Text("etc/ssl/certs/ca-certificates.crt"));
        Assert.Null(layer.Find("etc/group"));
        Assert.Null(layer.Find("bin/sh"));
        Assert.NotNull(layer.Find("etc/nsswitch.conf"));
        Assert.Equal(
        [
            (LayerSetting.FakeNss, "Already present, and not changed: /etc/passwd, /etc/group"),
            (LayerSetting.BinSh, "Already present, and not changed: /bin/sh"),
            (LayerSetting.UsrBinEnv, "Already present, and not changed: /usr/bin/env"),
            (LayerSetting.CaCertificates, "Already present, and not changed: /etc/ssl/certs/ca-certificates.crt"),
        ], layer.Notices);
    }

    [Fact]
    public async Task Certificates_are_readable_under_all_three_names()
    {
        using var layer = await PreparedLayer.MakeAsync("true", new() { Ready = ReadyContents.CaCertificates });
        var expected = await File.ReadAllTextAsync("/etc/ssl/certs/ca-certificates.crt");
        foreach (var path in new[] { "etc/ssl/certs/ca-bundle.crt", "etc/ssl/certs/ca-certificates.crt", "etc/pki/tls/certs/ca-bundle.crt" })
        {
            var resolution = new TreeResolver(layer.Tree).Resolve(ByteString.FromText(path));
            Assert.Equal(expected, layer.Text(resolution.Path.ToString()));
        }
    }

    [Theory]
    [InlineData(ReadyContents.BinSh, "bash, dash or busybox")]
    [InlineData(ReadyContents.UsrBinEnv, "env, coreutils or busybox")]
    public async Task A_link_without_an_existing_program_is_refused(ReadyContents ready, string programs)
    {
        // A file without execute permission is not a program.
        var refusal = await Assert.ThrowsAsync<InputException>(
            () => PreparedLayer.MakeAsync("mkdir bin; echo > bin/busybox", new() { Ready = ready }));
        Assert.Contains(programs, refusal.Describe(), StringComparison.Ordinal);
        Assert.Equal([LayerSetting.Contents], refusal.Advice!.Settings);
    }

    [Fact]
    public async Task A_file_in_the_place_of_a_directory_is_reported()
    {
        var refusal = await Assert.ThrowsAsync<InputException>(() => PreparedLayer.MakeAsync("echo > etc", new() { Ready = ReadyContents.FakeNss }));
        Assert.Contains("is not a directory", refusal.Describe(), StringComparison.Ordinal);
    }
}
