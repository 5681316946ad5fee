using OverlayImg.Builders.Inspections;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.Outputs;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.BaseImages;

/// <summary>The tar of a root file system is an image of one layer, for every command that reads images.</summary>
public sealed class RootFileSystemTests : IDisposable
{
    private const string Root = "mkdir -p r/etc r/usr/bin; echo me > r/etc/hostname; ln r/etc/hostname r/usr/bin/same; " +
        "tar -C r --sort=name --mtime=@1 --numeric-owner -cf root.tar .";

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("gzip root.tar; mv root.tar.gz root.tar")]
    [InlineData("zstd -q root.tar; mv root.tar.zst root.tar")]
    [InlineData("xz root.tar; mv root.tar.xz root.tar")]
    public async Task The_image_has_one_layer_whose_diff_ID_is_the_digest_of_the_tar(string compress)
    {
        await MakeAsync(Root);
        var digest = Digest.Of(await File.ReadAllBytesAsync(_directory["root.tar"], TestContext.Current.CancellationToken));
        await MakeAsync(compress);
        // The second inspection uses the remembered digest of the file.
        for (var time = 0; time < 2; time++)
        {
            var image = Assert.Single(await InspectAsync("root.tar"));
            Assert.Equal([digest], image.Image.Config.DiffIds);
            Assert.Equal(Platform.Host, image.Image.Config.Platform);
            Assert.Equal(digest, Assert.Single(image.Layers).DiffId);
        }
    }

    [Fact]
    public async Task A_replaced_tar_is_another_image()
    {
        await MakeAsync(Root);
        var before = Assert.Single(await InspectAsync("root.tar")).Image.Config.Id;
        await MakeAsync($"echo you > r/etc/hostname; {Root[Root.IndexOf("tar -C", StringComparison.Ordinal)..]}");
        Assert.NotEqual(before, Assert.Single(await InspectAsync("root.tar")).Image.Config.Id);
    }

    [Fact]
    public async Task Skopeo_and_umoci_read_a_copy_of_the_image()
    {
        await MakeAsync(Root);
        var target = ImageOutput.Parse($"oci:{_directory["layout"]}:root");
        await TestSession.RunAsync(_directory["cache"], session => ImageCopy.RunAsync(
            new() { Source = ImageChoice.Parse(_directory["root.tar"], null, null, new("linux", "arm64")), Target = target, Access = new() },
            session));
        var told = await Tool.BashAsync(
            "skopeo inspect --config oci:layout:root | jq -r '.architecture, .os'; " +
            "umoci unpack --rootless --image layout:root u >/dev/null 2>&1; cat u/rootfs/usr/bin/same", _directory.Path);
        Assert.Equal("arm64\nlinux\nme\n", told);
    }

    [Fact]
    public async Task Exporting_an_export_gives_the_same_bytes()
    {
        var debian = Environment.GetEnvironmentVariable("OVERLAYIMG_TEST_BASE")
            ?? throw new InvalidOperationException("OVERLAYIMG_TEST_BASE is not set.");
        await ExportAsync(debian, "first.tar");
        await ExportAsync(_directory["first.tar"], "second.tar");
        await Tool.BashAsync("cmp first.tar second.tar", _directory.Path);
    }

    [Fact]
    public async Task A_tar_that_is_not_clearly_a_root_file_system_needs_the_rootfs_transport()
    {
        await MakeAsync("mkdir r; echo 1 > r/one; tar -C r -cf some.tar .");
        var refusal = await Assert.ThrowsAsync<InputException>(() => InspectAsync("some.tar"));
        Assert.Contains("rootfs:", refusal.Advice!.Text, StringComparison.Ordinal);
        Assert.Equal(2, Assert.Single(await InspectAsync("some.tar", "rootfs:")).Layers[0].Counts.Entries);
    }

    [Theory]
    [InlineData("mkdir -p r/etc; touch r/etc/.wh.hosts; tar -C r -cf root.tar .", ".wh.")]
    [InlineData("mkdir -p r/etc; touch r/etc/hosts; tar -C r --transform 's,^etc,../etc,' -Pcf root.tar etc; tar -C r -rf root.tar etc", "'..'")]
    public async Task Whiteout_names_and_names_with_two_dots_are_refused(string make, string said)
    {
        await MakeAsync(make);
        var refusal = await Assert.ThrowsAsync<InputException>(() => InspectAsync("root.tar"));
        Assert.Contains(said, refusal.Message, StringComparison.Ordinal);
        Assert.EndsWith("root.tar", refusal.Where.File, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mkdir r/manifest.json r/index.json r/repositories")]
    [InlineData("ln -s manifest.json r/usr/manifest.json")]
    public async Task Directories_and_links_named_like_image_documents_are_not_read_as_documents(string make)
    {
        await MakeAsync($"{Root}; {make}; tar -C r -cf root.tar .");
        Assert.Single(Assert.Single(await InspectAsync("root.tar")).Layers);
    }

    [Fact]
    public async Task The_limit_of_files_in_an_image_archive_does_not_apply()
    {
        await MakeAsync("""
            python3 - <<'END'
            import tarfile
            # tarfile writes one header. The others differ from it in seven digits and in the checksum, which is much faster.
            first = tarfile.TarInfo("usr/0000000").tobuf(tarfile.USTAR_FORMAT)
            checksum = int(first[148:154], 8)
            with open("root.tar", "wb") as archive:
                for number in range((1 << 18) + 10):
                    digits = b"%07d" % number
                    archive.write(first[:4] + digits + first[11:148] + b"%06o" % (checksum + sum(digits) - 7 * 48) + first[154:])
                archive.write(bytes(1024))
            END
            """);
        Assert.Equal((1 << 18) + 10, Assert.Single(await InspectAsync("root.tar")).Layers[0].Counts.Entries);
    }

    [Fact]
    public async Task Scratch_is_an_image_without_layers()
    {
        await ExportAsync("scratch", "nothing.tar");
        Assert.Equal("./\n", await Tool.BashAsync("tar -tf nothing.tar", _directory.Path));
    }

    private Task<string> MakeAsync(string commands) => Tool.BashAsync(commands, _directory.Path);

    private Task<IReadOnlyList<ImageReport>> InspectAsync(string name, string transport = "") => TestSession.RunAsync(
        _directory["cache"], session => ImageInspection.RunAsync(ImageChoice.Parse($"{transport}{_directory[name]}", null, null), session));

    private Task<ExportResult> ExportAsync(string image, string output) => TestSession.RunAsync(
        _directory["cache"],
        session => Exporter.RunAsync(
            new() { From = ImageChoice.Parse(image, null, null), Destination = new(_directory[output], CompressionFormat.None) }, session));
}
