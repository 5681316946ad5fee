using System.Text.Json;
using OverlayImg.Testing;
using OverlayImg.Tool.Tests.Judges;

namespace OverlayImg.Tool.Tests.Builds;

/// <summary>Tests of <c>build-layered</c> and <c>stream-layered</c>: docker and podman load the images from a pipe and run them.</summary>
public sealed class LayeredTests(InstalledTool tool, DockerDaemon docker) : IDisposable
{
    private const string Busybox = "0000000000000000000000000000000b-busybox";
    private const string Hello = "0000000000000000000000000000000c-hello";

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private string Store => _directory["store"];

    [Fact]
    public async Task Docker_and_podman_load_a_stream_and_a_program_finds_its_store()
    {
        await MakeStoreAsync();
        await using var podman = new Podman();
        foreach (var (format, layering) in new[] { ("hybrid", "auto"), ("dockertools", "popularity") })
        {
            var stream = Stream($"--format {format} --layering {layering} --cmd /bin/hello");
            await Testing.Tool.BashAsync($"{stream} | {await docker.CommandLineAsync()} load; {stream} | {podman.CommandLine} load", _directory.Path);
            // The link /bin/hello leads to a script in one store path, whose interpreter is in the other store path.
            Assert.Equal("hello from the store\n", await docker.RunAsync("run", "--rm", "--network", "none", "team/hello:1"));
            var images = await podman.RunAsync("images", "--no-trunc", "--format", "{{.ID}}");
            Assert.Contains(await docker.RunAsync("inspect", "-f", "{{.Id}}", "team/hello:1"), images.StandardOutput, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_closed_pipe_ends_the_stream_without_a_message()
    {
        await MakeStoreAsync();
        var run = await Testing.Tool.RunAsync(
            "bash", ["-c", $"{Stream("")} | head -c 1 > /dev/null; exit ${{PIPESTATUS[0]}}"], directory: _directory.Path);
        Assert.Equal(141, run.ExitCode);
        Assert.Empty(run.StandardError);
    }

    [Fact]
    public async Task Commands_run_as_real_root_over_the_customisation_layer_and_the_layers_are_explained()
    {
        await MakeStoreAsync();
        await File.WriteAllTextAsync(
            _directory["commands"],
            "mkdir -p home; chown 1000:100 home; mknod null c 1 3; chown -h 7 bin/hello; chown -R 1000 .$VAR/nix; cp bin/made home/");
        await File.WriteAllTextAsync(_directory["extra"], "echo made > bin/made");
        string[] options =
        [
            "--contents", $"{Store}/{Hello}", "--store-dir", Store, "--name", "hello", "--extra-commands", "extra",
            "--fake-root-commands", "commands",
            "--layering", "popularity", "--nix-db", "--script-env", $"VAR={_directory["var"]}", "-o", "image.tar", "--explain",
        ];
        var run = await tool.RunAsync(["build-layered", .. options, "--json"], directory: _directory.Path);
        Assert.True(run.ExitCode == 0, run.StandardError);
        using var json = JsonDocument.Parse(run.StandardOutput);
        var layers = json.RootElement.GetProperty("layers").EnumerateArray().ToArray();
        Assert.Equal([$"{Store}/{Busybox} popularity 3", $"{Store}/{Hello} popularity 2"], layers[..2].Select(layer => layer.GetProperty("paths")[0])
            .Select(path => $"{path.GetProperty("path").GetString()} {path.GetProperty("reason").GetString()}"));
        Assert.Contains("customisation", layers[2].GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Contains(json.RootElement.GetProperty("accelerator").GetString(), new[] { "kvm", "tcg" });
        var member = layers[2].GetProperty("digest").GetString()!.Replace("sha256:", "blobs/sha256/", StringComparison.Ordinal);
        var listing = await Testing.Tool.BashAsync(
            $"tar -xOf image.tar {member} | tar -tv --numeric-owner | awk '{{print $1, $2, $NF}}'", _directory.Path);
        Assert.Contains("drwxr-xr-x 1000/100 ./home/\n", listing, StringComparison.Ordinal);
        Assert.Contains("-rw-r--r-- 0/0 ./home/made\n", listing, StringComparison.Ordinal);
        Assert.Contains($"lrwxrwxrwx 7/0 {Store}/{Hello}/bin/hello\n", listing, StringComparison.Ordinal);
        Assert.Contains("crw-r--r-- 0/0 ./null\n", listing, StringComparison.Ordinal);
        // The commands changed the owner of the database, so the database existed when they ran.
        Assert.Contains($"-rw-r--r-- 1000/0 .{_directory["var/nix/db/db.sqlite"]}\n", listing, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Debian_in_layers_by_package_runs()
    {
        await Testing.Tool.BashAsync(
            $"""
            export OVERLAYIMG_CACHE_DIR={tool.Cache}
            {tool.Command} export {InstalledTool.DebianBase} -q -o rootfs.tar
            {tool.Command} stream-layered --contents rootfs.tar --keep-contents-dirlinks --layering dpkg --max-layers 3 \
              --explain --name packages --tag 1 2> explained |
              {await docker.CommandLineAsync()} load
            grep -q '^layer 1,.*: package ' explained; grep -q '^layer 3,.*no package' explained
            """, _directory.Path);
        var said = await docker.RunAsync(
            "run", "--rm", "--network", "none", "packages:1", "/bin/bash", "-c",
            ". /etc/os-release; echo $VERSION_CODENAME; dpkg -l bash | tail -n 1 | cut -c -8");
        Assert.Equal("bookworm\nii  bash", said.TrimEnd());
    }

    /// <summary>The image has the store, its database and the user root. The Nix that checks them is the host's.</summary>
    [Fact]
    public async Task Nix_in_a_container_verifies_the_store_against_the_database()
    {
        await MakeStoreAsync();
        await Testing.Tool.BashAsync($"{Stream("--nix-db --fake-nss --max-layers 3")} | {await docker.CommandLineAsync()} load", _directory.Path);
        string[] run =
        [
            "run", "--rm", "--network", "none", "-v", "/usr:/usr:ro", "-v", "/lib:/lib:ro", "-v", "/lib64:/lib64:ro",
            "-e", $"NIX_STORE_DIR={Store}", "-e", $"NIX_STATE_DIR={_directory["var/nix"]}", "-e", "NIX_REMOTE=local", "-e", "HOME=/tmp",
            "team/hello:1", "/usr/bin/sh", "-c",
        ];
        var verified = await docker.RunAsync([.. run, "nix-store --verify --check-contents 2>&1"]);
        Assert.Contains("checking store hashes", verified, StringComparison.Ordinal);
        Assert.DoesNotContain("error", verified, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("modified", verified, StringComparison.Ordinal);
        Assert.Equal($"{Store}/{Busybox}\n{Store}/{Hello}\n", await docker.RunAsync([.. run, $"nix-store -qR {Store}/{Hello}"]));
        // Nix reports a changed file, so the check above can fail.
        var altered = await docker.RunAsync([.. run, $"echo >> {Store}/{Hello}/bin/hello; nix-store --verify --check-contents 2>&1 || true"]);
        Assert.Contains("modified", altered, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "--name", "stream-layered", "--contents", ".")]
    [InlineData(2, "is for --conf", "stream-layered", "--name", "a", "--repo-tag", "a:1")]
    [InlineData(2, "--name contradicts --conf", "stream-layered", "--conf", "conf.json", "--name", "a")]
    [InlineData(2, "--json and the archive", "stream-layered", "--name", "a", "--json")]
    [InlineData(2, "--max-layers", "stream-layered", "--name", "a", "--max-layers", "many")]
    [InlineData(2, "--cpus", "build-layered", "--name", "a", "--cpus", "2", "-o", "a.tar")]
    [InlineData(2, "--mtime", "build-layered", "--name", "a", "--mtime", "yesterday", "-o", "a.tar")]
    [InlineData(2, "'best' is not what --layering takes", "build-layered", "--name", "a", "--layering", "best", "-o", "a.tar")]
    [InlineData(2, "give one of them", "build-layered", "--name", "a", "--layering", "dpkg", "--closure", "c", "-o", "a.tar")]
    [InlineData(2, "give one of them", "build-layered", "--name", "a", "--layering", "dpkg", "--nix-db", "-o", "a.tar")]
    [InlineData(2, "--variant", "build-layered", "--name", "a", "--variant", "V8", "-o", "a.tar")]
    [InlineData(2, "--output", "build-layered", "--name", "a")]
    [InlineData(3, "1 layer is used", "build-layered", "--name", "a", "--max-layers", "1", "-o", "a.tar")]
    [InlineData(3, "dpkg", "build-layered", "--name", "a", "--layering", "dpkg", "-o", "a.tar")]
    [InlineData(3, "missing.json", "stream-layered", "--conf", "missing.json")]
    public async Task Wrong_options_have_a_message_and_an_exit_code(int exitCode, string said, params string[] arguments)
    {
        var run = await tool.RunAsync(arguments, directory: _directory.Path);
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(said, run.StandardError, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_directory.Path));
    }

    private string Stream(string options) =>
        $"OVERLAYIMG_CACHE_DIR={tool.Cache} {tool.Command} stream-layered -q --contents {Store}/{Hello} --store-dir {Store} " +
        $"--name team/hello --tag 1 {options}";

    // Makes two store paths: busybox, and a script whose interpreter is that busybox.
    private Task<string> MakeStoreAsync() => Testing.Tool.BashAsync(
        $"""
        mkdir -p store/{Busybox}/bin store/{Hello}/bin; cp /bin/busybox store/{Busybox}/bin/
        printf '#!%s sh\necho hello from the store\n' {Store}/{Busybox}/bin/busybox > store/{Hello}/bin/hello; chmod 755 store/{Hello}/bin/hello
        """, _directory.Path);
}
