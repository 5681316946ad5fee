using OverlayImg.Testing;
using OverlayImg.Tool.Tests.Judges;

namespace OverlayImg.Tool.Tests;

/// <summary>Compares the export of a complex image with the results of docker, podman and umoci.</summary>
public sealed class ExportTests(InstalledTool tool, HardImage image) : IClassFixture<HardImage>
{
    // The entries that docker 20.10 exports wrongly. In each case umoci or the kernel's overlayfs agrees with overlayimg.
    private static readonly Dictionary<string, string[]> DockersFaults = new()
    {
        ["has no entry for the root"] = ["."],
        ["what the daemon puts into every container"] =
            [".dockerenv", "dev", "dev/console", "dev/pts", "dev/shm", "etc", "etc/hostname", "etc/hosts", "etc/mtab", "etc/resolv.conf",
                "proc", "sys"],
        ["directories that no layer describes are made 0600, at the time of loading"] = ["implied", "implied/by", "implied/by/its"],
        ["a directory gets the time of loading where a layer adds files to it without describing it"] = ["links"],
        ["the copy that a container starts with has no hard links between symbolic links"] = ["links/symbolic", "links/symbolic-too"],
        ["of the extended attributes only security.capability is exported"] = ["special/acl", "special/noted"],
    };

    // A directory without an entry in any layer has no time; umoci leaves the time of unpacking.
    [Fact]
    public Task Umoci_unpacks_the_same() => ContainerClients.WithUmociAsync(image.Archive, async root =>
        Assert.Empty(HardImage.Differences(image.Listing, await HardImage.ListAsync(root), IsTimeOfImpliedDirectory)));

    [Fact]
    public async Task Docker_exports_the_same_entries()
    {
        using var directory = new TemporaryDirectory();
        await using var docker = DockerDaemon.WithVfs();
        await docker.RunAsync("load", "-i", image.Archive);
        await docker.RunAsync("create", "--name", "hard", HardImage.Name, "/bin/true");
        await docker.RunAsync("export", "-o", directory["docker.tar"], "hard");
        var ours = await EntriesAsync(image.Tar);
        var theirs = await EntriesAsync(directory["docker.tar"]);
        var known = DockersFaults.Values.SelectMany(names => names).ToHashSet();
        Assert.Empty(HardImage.Differences(ours, theirs, line => known.Contains(line.Split('\'')[1])));
    }

    [Fact]
    public async Task A_disk_through_a_pipe_or_compressed_is_the_same_disk()
    {
        using var directory = new TemporaryDirectory();
        await ExportAsync(image.Archive, "-o", directory["rootfs.ext4"]);
        await ExportAsync(image.Archive, "-o", directory["rootfs.ext4.gz"]);
        await ExportAsync(image.Archive, "-o", directory["rootfs.img.zst"]);
        await File.WriteAllBytesAsync(directory["piped"], (await ExportAsync(image.Archive, "-o", "-", "--format", "ext4")).StandardOutputBytes);
        await Testing.Tool.BashAsync(
            "cmp rootfs.ext4 piped; zcat rootfs.ext4.gz | cmp - rootfs.ext4; zstd -dcq rootfs.img.zst | cmp - rootfs.ext4", directory.Path);
    }

    [Fact]
    public async Task The_disk_has_the_same_files_and_passes_e2fsck()
    {
        using var directory = new TemporaryDirectory();
        await ExportAsync(image.Archive, "-o", directory["rootfs.ext4"]);
        await Testing.Tool.BashAsync("e2fsck -fn rootfs.ext4; mkdir mnt; mount -o loop,ro rootfs.ext4 mnt", directory.Path);
        try
        {
            var listing = await HardImage.ListAsync(directory["mnt"]);
            Assert.Empty(HardImage.Differences(image.Listing, listing, line => line.EndsWith("./lost+found -> ", StringComparison.Ordinal)));
        }
        finally
        {
            await Testing.Tool.BashAsync("umount mnt", directory.Path);
        }
    }

    [Fact]
    public async Task A_disk_with_a_given_size_is_writable()
    {
        using var directory = new TemporaryDirectory();
        await ExportAsync(image.Archive, "-o", directory["rootfs.img"], "--disk-size", "64M");
        Assert.Equal(64 << 20, new FileInfo(directory["rootfs.img"]).Length);
        await Testing.Tool.BashAsync(
            "mkdir mnt; mount -o loop rootfs.img mnt; head -c 20M /dev/urandom > mnt/more; umount mnt; e2fsck -fn rootfs.img", directory.Path);
    }

    [Fact]
    public Task Gnu_tar_writes_the_same_bytes_from_podmans_mount() =>
        ContainerClients.WithPodmanAsync(image.Archive, HardImage.Name, "vfs", EqualsTarOfAsync);

    private async Task EqualsTarOfAsync(string root)
    {
        using var directory = new TemporaryDirectory();
        var export = await tool.RunAsync(
            ["export", "--from", image.Archive, "--format", "gnu-hard-dereference", "-o", directory["rootfs.tar"]],
            environment: new Dictionary<string, string?> { ["SOURCE_DATE_EPOCH"] = "315532800" });
        Assert.True(export.ExitCode == 0, export.StandardError);
        await Testing.Tool.BashAsync(
            $"tar --hard-dereference --sort=name --mtime=@315532800 -C '{root}' -cf - . | cmp - '{directory["rootfs.tar"]}'");
    }

    [Fact]
    public async Task Compressed_layers_give_the_same_bytes()
    {
        using var directory = new TemporaryDirectory();
        (await Testing.Tool.RunAsync("skopeo",
            ["--insecure-policy", "copy", $"docker-archive:{image.Archive}", $"oci-archive:{directory["gzip.tar"]}:hard"])).Succeeded();
        await ExportAsync(directory["gzip.tar"], "-o", directory["rootfs.tar"]);
        await Testing.Tool.OutputAsync("cmp", image.Tar, directory["rootfs.tar"]);
    }

    [Theory]
    [InlineData("rootfs.tar.gz", "gzip -dc")]
    [InlineData("rootfs.tar.zst", "zstd -dc")]
    public async Task A_compressed_tar_unpacks_to_the_same_bytes(string name, string unpack)
    {
        using var directory = new TemporaryDirectory();
        await ExportAsync(image.Archive, "-o", directory[name]);
        await Testing.Tool.BashAsync($"{unpack} {name} | cmp - '{image.Tar}'", directory.Path);
    }

    [Theory]
    [InlineData("umask 077; TZ=Asia/Tokyo LC_ALL=tr_TR.UTF-8 taskset -c 0")]
    [InlineData("umask 000; DOTNET_PROCESSOR_COUNT=16")]
    public async Task The_bytes_depend_on_the_image_alone(string environment)
    {
        using var directory = new TemporaryDirectory();
        await Testing.Tool.BashAsync(
            $"{environment} '{tool.Command}' export '{image.Archive}' -q -o rootfs.tar; cmp rootfs.tar '{image.Tar}'", directory.Path);
    }

    [Fact]
    public async Task Standard_output_gets_the_same_bytes_as_a_pipe_and_as_a_shared_file()
    {
        using var directory = new TemporaryDirectory();
        await Testing.Tool.BashAsync(
            $"'{tool.Command}' export -q - -o - < '{image.Archive}' | cmp - '{image.Tar}'; " +
            $"{{ printf before; '{tool.Command}' export -q '{image.Archive}' -o -; printf after; }} > file; " +
            $"{{ printf before; cat '{image.Tar}'; printf after; }} | cmp - file; " +
            $"printf before > file; '{tool.Command}' export -q '{image.Archive}' -o - >> file; {{ printf before; cat '{image.Tar}'; }} | cmp - file",
            directory.Path);
    }

    [Fact]
    public async Task A_closed_pipe_ends_the_export_without_a_message()
    {
        var run = await Testing.Tool.RunAsync(
            "bash", ["-c", $"'{tool.Command}' export -q '{image.Archive}' -o - | head -c 1 > /dev/null; exit ${{PIPESTATUS[0]}}"]);
        Assert.Equal(141, run.ExitCode);
        Assert.Empty(run.StandardError);
    }

    [Theory]
    [InlineData("printf X | dd of=image.tar bs=1 seek=$(($(stat -c %s image.tar) - 20000)) conv=notrunc status=none")]
    [InlineData("printf X | dd of=image.tar bs=1 seek=200000 conv=notrunc status=none")]
    [InlineData("truncate -s 300000 image.tar")]
    public async Task The_export_of_a_broken_image_leaves_no_files(string breakIt)
    {
        using var directory = new TemporaryDirectory();
        await Testing.Tool.BashAsync($"cp '{image.Archive}' image.tar; {breakIt}", directory.Path);
        foreach (var output in new[] { "rootfs.tar", "rootfs.ext4", "-" })
        {
            var run = await tool.RunAsync(["export", "image.tar", "-o", output], directory: directory.Path);
            Assert.True(run.ExitCode == 3, run.StandardError);
            Assert.Contains("image.tar", run.StandardError, StringComparison.Ordinal);
            Assert.Empty(run.StandardOutputBytes);
            Assert.Equal(["image.tar"], Directory.EnumerateFileSystemEntries(directory.Path).Select(Path.GetFileName));
        }
    }

    [Theory]
    [InlineData("rootfs.tar")]
    [InlineData("rootfs.ext4")]
    public async Task A_full_disk_is_reported_and_no_file_is_left(string name)
    {
        using var directory = new TemporaryDirectory();
        await Testing.Tool.BashAsync("mkdir small; mount -t tmpfs -o size=256k none small", directory.Path);
        try
        {
            var run = await tool.RunAsync(["export", image.Archive, "-o", directory[$"small/{name}"]]);
            Assert.True(run.ExitCode == 4, run.StandardError);
            Assert.Contains(name, run.StandardError, StringComparison.Ordinal);
            Assert.Contains("No space left", run.StandardError, StringComparison.Ordinal);
            Assert.Empty(Directory.EnumerateFileSystemEntries(directory["small"]));
        }
        finally
        {
            await Testing.Tool.BashAsync("umount small", directory.Path);
        }
    }

    [Theory]
    [InlineData("export", "image.tar")]
    [InlineData("export", "-o", "x.tar")]
    [InlineData("export", "image.tar", "--from", "image.tar", "-o", "x.tar")]
    [InlineData("export", "image.tar", "-o", "-", "--json")]
    [InlineData("export", "image.tar", "-o", "x.tar", "--disk-size", "1G")]
    public async Task Contradicting_options_are_wrong_usage(params string[] arguments)
    {
        using var directory = new TemporaryDirectory();
        var run = await tool.RunAsync(arguments, directory: directory.Path);
        Assert.Equal(2, run.ExitCode);
        if (arguments.Contains("--json")) Assert.Contains("\"error\"", run.StandardOutput, StringComparison.Ordinal);
        else Assert.Empty(run.StandardOutputBytes);
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Path));
    }

    private static bool IsTimeOfImpliedDirectory(string line) =>
        line.StartsWith("time ", StringComparison.Ordinal) && line.Split(' ', 3)[2] is "./implied" or "./implied/by" or "./implied/by/its";

    private async Task<ToolResult> ExportAsync(params string[] arguments)
    {
        var run = await tool.RunAsync(["export", .. arguments]);
        Assert.True(run.ExitCode == 0, run.StandardError);
        return run;
    }

    private static Task<string> EntriesAsync(string tar) => Testing.Tool.OutputAsync("python3", HardImage.Script("tar-entries.py"), tar);
}
