using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Sources;

namespace OverlayImg.Images.Tests;

public sealed class BrokenArchiveTests : IDisposable
{
    private readonly ArchiveBench _bench = new();

    public void Dispose() => _bench.Dispose();

    /// <summary>A script that damages the directory of a valid archive, and a part of the expected error.</summary>
    public static TheoryData<string, string> Changes => new()
    {
        { "echo null > manifest.json", "path manifest.json: is null: the archive holds no image." },
        { "echo [] > manifest.json", "path manifest.json: is empty: the archive holds no image." },
        { "echo '{}' > manifest.json", "path manifest.json: should be an array." },
        { "echo '[{' > manifest.json", "path manifest.json: is not JSON" },
        { "printf '\"\\377\"' > manifest.json", "its text is not UTF-8" },
        { "echo '[{\"Config\":\"\\ud800\"}]' > manifest.json", "[0].Config is not Unicode text" },
        { "echo '[[[[[]]]]]' > manifest.json", "[0] should be an object" },
        { "python3 -c \"print('['*100+']'*100)\" > manifest.json", "is not JSON" },
        { "sed -i 's/{/{\"Config\":\"x\",/' manifest.json", "is not JSON" },
        { "echo '[{\"Layers\":[]}]' > manifest.json", "[0] lacks \"Config\"" },
        { "echo '[{\"Config\":7}]' > manifest.json", "[0].Config should be a string" },
        { "truncate -s 21M manifest.json", "manifest.json: has 22020096 bytes; more than 20971520 are not read" },
        { "truncate -s 5M [0-9a-f]*.json", ".json: has 5242880 bytes; more than 4194304 are not read" },
        { "sed -i 's,\"Layers\":\\[\"[^\"]*\",\"Layers\":[\"gone\"\\,\"no/such.tar\",' manifest.json",
            "[0] has 3 layers, but its config has 2 diff IDs" },
        { "rm 0*1/layer.tar", "1/layer.tar: is missing in the archive, which names it." },
        { "rm [0-9a-f]*.json", ".json: is missing in the archive, which names it." },
        { "set -- 0*1; rm $1/layer.tar; mkdir $1/layer.tar", "1/layer.tar: is not a plain file in the archive" },
        { "rm 0*1/layer.tar; cd 0*1; ln -s b layer.tar; ln -s layer.tar b", "1/layer.tar: is a link that leads in a circle" },
        { "set -- 0*1; ln -sf ../../../../etc/passwd $1/layer.tar", "1/layer.tar: is missing in the archive" },
        { "sed -i 's/\"layers\"/\"other\"/' [0-9a-f]*.json", "rootfs has the type 'other'" },
        { "sed -i 's/sha256:/sha512:/' [0-9a-f]*.json", "rootfs.diff_ids[0] should be sha256: and 64 hexadecimal digits" },
        { "sed -i 's,sha256:,sha256:../,' [0-9a-f]*.json", "rootfs.diff_ids[0] should be sha256: and 64 hexadecimal digits" },
        { "rm manifest.json; echo '{}' > repositories", "was written by a Docker older than 1.10" },
        { "rm manifest.json", "is a tar, but not an image archive" },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task The_error_says_what_is_wrong_and_where(string change, string message)
    {
        var archive = await _bench.PackAsync([await _bench.LayerAsync("echo 1 > a"), await _bench.LayerAsync("echo 2 > b")], change);
        var error = (await Assert.ThrowsAsync<InputException>(() => _bench.OpenAsync(archive))).Describe();
        Assert.StartsWith(archive, error, StringComparison.Ordinal);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("true > f", "f: is empty.")]
    [InlineData("head -c 5000 /dev/urandom > f", "f, byte 0: is not an image archive, because it is not a tar")]
    [InlineData("echo hello > f", "is not an image archive, because it is not a tar")]
    [InlineData("head -c 5000 /dev/urandom | gzip > f", "is not an image archive, because it is not a tar")]
    [InlineData("echo hello | bzip2 > f", "is not an image archive, because it is not a tar")]
    [InlineData("head -c 50000 /dev/urandom | bzip2 > f; truncate -s 30000 f", "ends in the middle of its bzip2 data. It is truncated")]
    [InlineData("mkdir f", "f: is a directory, but neither an image archive, which is a file, nor an OCI layout")]
    [InlineData("mkdir f; touch f/oci-layout", "f: is no OCI layout: it has no index.json.")]
    [InlineData("true", "f: is not there.")]
    public async Task A_file_that_is_not_an_archive_is_refused(string script, string message)
    {
        await _bench.BashAsync(script);
        var error = (await Assert.ThrowsAsync<InputException>(() => _bench.OpenAsync(_bench["f"]))).Describe();
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("debian:12", "'overlayimg pull docker://debian:12 -o base.tar'")]
    [InlineData("docker://registry.example.org/x/y", "'overlayimg pull docker://registry.example.org/x/y -o base.tar'")]
    [InlineData("./base.tar", "Check the path.")]
    public async Task The_error_for_a_reference_to_a_registry_names_the_pull_command(string path, string advice)
    {
        var error = (await Assert.ThrowsAsync<InputException>(() => _bench.OpenAsync(path))).Describe();
        Assert.Contains(advice, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_archive_truncated_at_any_byte_is_refused()
    {
        // The manifest is the last member, so every truncation removes something that is needed.
        var members = "$(cd archive2 && ls -d 0*) $(cd archive2 && ls *.json | grep -v manifest) manifest.json";
        var archive = await _bench.PackAsync([await _bench.LayerAsync("head -c 3000 /dev/urandom > a")], tarOptions: "--blocking-factor=1",
            members: members);
        var bytes = await File.ReadAllBytesAsync(archive, TestContext.Current.CancellationToken);
        for (var length = 0; length <= bytes.Length - (3 * 512); length += 100)
        {
            await File.WriteAllBytesAsync(_bench["cut"], bytes[..length], TestContext.Current.CancellationToken);
            await Assert.ThrowsAsync<InputException>(() => _bench.ListAsync(_bench["cut"]));
        }
    }

    [Theory]
    [InlineData("printf x | dd of=$(echo 0*/layer.tar) bs=1 seek=1600 conv=notrunc status=none")]
    [InlineData("echo behind the end >> 0*/layer.tar")]
    [InlineData("gzip -c 0*/layer.tar > t; mv t 0*/layer.tar; echo trailing | gzip >> $(echo 0*/layer.tar)")]
    public async Task A_wrong_layer_is_reported_with_both_diff_IDs(string change)
    {
        var archive = await _bench.PackAsync([await _bench.LayerAsync("echo 1 > a")], change);
        var error = (await Assert.ThrowsAsync<InputException>(() => _bench.ListAsync(archive))).Describe();
        Assert.Matches("archive2\\.tar, layer 0+/layer\\.tar: " +
            "its content has diff ID sha256:[0-9a-f]{64} but the config says sha256:[0-9a-f]{64}\\.", error);
    }

    [Fact]
    public async Task The_error_for_a_truncated_layer_names_the_layer()
    {
        var archive = await _bench.PackAsync([await _bench.LayerAsync("head -c 30000 /dev/urandom > a")],
            "set -- 0*/layer.tar; gzip -c $1 | head -c -8 > t; mv t $1");
        var error = (await Assert.ThrowsAsync<InputException>(() => _bench.ListAsync(archive))).Describe();
        Assert.Contains("/layer.tar, byte ", error, StringComparison.Ordinal);
        Assert.Contains("ends in the middle of its gzip data", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_decompression_bomb_is_refused_before_it_fills_the_disk()
    {
        var archive = await _bench.PackAsync([await _bench.LayerAsync("truncate -s 100M zeros")], "set -- 0*/layer.tar; gzip -c $1 > t; mv t $1");
        using var scratch = ScratchDirectory.Create(_bench["bombs"]);
        var spool = new Spool(scratch, new(AlwaysAllowed: 1 << 20, Ratio: 200, SpaceToLeave: 0));
        using var open = ImageSource.Open(archive, Stream.Null, spool, TestContext.Current.CancellationToken);
        var error = Assert.Throws<InputException>(() => open.Images[0].Layers[0].Open(spool, TestContext.Current.CancellationToken)).Describe();
        Assert.Contains("decompresses to more than", error, StringComparison.Ordinal);
        Assert.Equal(["lock"], Directory.EnumerateFileSystemEntries(scratch.Path).Select(Path.GetFileName));
    }

    [Fact]
    public async Task An_image_for_windows_is_refused()
    {
        using var open = await _bench.OpenAsync(await _bench.PackAsync([await _bench.LayerAsync("echo 1 > a")], os: "windows"));
        var error = Assert.Throws<InputException>(() => open.Select(null, null, null, out _)).Describe();
        Assert.Contains("an image for windows; only images for Linux can be used", error, StringComparison.Ordinal);
    }
}
