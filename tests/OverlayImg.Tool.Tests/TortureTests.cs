using OverlayImg.Testing;
using OverlayImg.Tool.Tests.Judges;

namespace OverlayImg.Tool.Tests;

/// <summary>The layer of one run of Scripts/torture.sh, for all tests of the class.</summary>
public sealed class TorturedLayer(InstalledTool tool) : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();

    /// <summary>The image's name.</summary>
    public const string Name = "overlayimg-test:tortured";

    /// <summary>The layer's tar.</summary>
    public string LayerTar => _directory["layer/layer.tar"];

    /// <summary>Archive of an image with the base image and the layer.</summary>
    public string Archive => _directory["derived.tar"];

    /// <summary>The listing of the root that the script made at its end.</summary>
    public string Listing { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        // listing.sh is put into /tmp of the layer, which is not part of the comparison.
        Directory.CreateDirectory(_directory["contents/tmp"]);
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Scripts/listing.sh"), _directory["contents/tmp/listing.sh"]);
        File.SetUnixFileMode(_directory["contents/tmp"], (UnixFileMode)0x3FF /* 1777, as in the base image */);
        var run = await tool.RunAsync(["root-layer", "--from", InstalledTool.DebianBase, "--contents", _directory["contents"],
            "--run-as-root", Path.Combine(AppContext.BaseDirectory, "Scripts/torture.sh"), "--memory", "1G", "-o", _directory["layer"]]);
        Assert.True(run.ExitCode == 0, run.StandardError);
        Listing = await Testing.Tool.OutputAsync("tar", "-xOf", LayerTar, "./listing");
        await DerivedImage.WriteNamedAsync(Name, Archive, InstalledTool.DebianBase, LayerTar);
    }

    public ValueTask DisposeAsync()
    {
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Asserts that the script's listing equals the listing of <paramref name="root"/>.</summary>
    public async Task CompareAsync(string root, Func<string, bool> compares)
    {
        var listing = await Testing.Tool.BashAsync($"bash {Path.Combine(AppContext.BaseDirectory, "Scripts/listing.sh")}", root);
        var expected = Listing.Split('\n').Where(compares).ToHashSet();
        var actual = listing.Split('\n').Where(compares).ToHashSet();
        var differences = expected.Except(actual).Select(line => $"only the script saw:  {line}")
            .Concat(actual.Except(expected).Select(line => $"only the client has: {line}")).ToList();
        Assert.True(differences.Count == 0, string.Join('\n', differences.Take(40)) + $"\n{differences.Count} differences");
        // Two empty listings would also be equal.
        Assert.True(expected.Count > 25_000, $"The listing has only {expected.Count} lines.");
    }
}

/// <summary>Tests that clients which apply the layer of a complex script get the root that the script saw at its end.</summary>
public sealed class TortureTests(TorturedLayer layer, DockerDaemon docker) : IClassFixture<TorturedLayer>
{
    // A layer can't express two things: a tar has no entries for sockets, and a pax record without a value deletes the
    // record, so all three clients set no extended attribute.
    private static bool IsComparable(string line) => !line.StartsWith("s ", StringComparison.Ordinal) && line != "xattr user.empty=0x";

    [Fact]
    public Task The_layer_applied_by_docker_equals_the_root_that_the_script_saw() =>
        ContainerClients.WithDockerAsync(docker, layer.Archive, TorturedLayer.Name, root => layer.CompareAsync(root, IsComparable));

    [Fact]
    public Task The_layer_applied_by_podman_equals_the_root_that_the_script_saw() =>
        ContainerClients.WithPodmanAsync(layer.Archive, TorturedLayer.Name, "overlay", root => layer.CompareAsync(root, IsComparable));

    [Fact]
    public Task The_layer_applied_by_umoci_equals_the_root_that_the_script_saw() =>
        ContainerClients.WithUmociAsync(layer.Archive, root => layer.CompareAsync(root, IsComparable));

    [Fact]
    public async Task Every_whiteout_deletes_a_file_of_the_base_image()
    {
        var whiteouts = (await Testing.Tool.BashAsync($"tar -tf '{layer.LayerTar}' | grep -E '(^|/)\\.wh\\.[^/]*$' | sed 's|/\\.wh\\.|/|'"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.NotEmpty(whiteouts);
        // The names in the base image, including files that its second layer deletes (usr/share/doc).
        var names = (await Testing.Tool.BashAsync(
            $"work=$(mktemp -d); tar -xf '{InstalledTool.DebianBase}' -C $work; " +
            "for layer in $work/*/layer.tar; do tar -tf $layer; done | sed 's|/$||'; rm -r $work")).Split('\n').ToHashSet();
        Assert.All(whiteouts, path => Assert.Contains(path, names));
        Assert.DoesNotContain(whiteouts,
            path => path is "./proc" or "./dev" or "./sys" || path.StartsWith("./usr/share/doc", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Real_devices_stay_devices()
    {
        var listing = await Testing.Tool.BashAsync(
            $"tar --numeric-owner -tvf '{layer.LayerTar}' | grep -E '^[cb]' | awk '{{print $1, $3, $6}}' | sort");
        Assert.Equal(
            "brw-r--r-- 7,0 ./t/loop\ncrw-r--r-- 1,3 ./t/devices/null\ncrw-r--r-- 1,3 ./t/null\n" +
            "crw-r--r-- 4095,1048575 ./t/big\ncrw-r--r-- 5,0 ./t/zero-minor\n", listing);
    }

    [Fact]
    public async Task A_sparse_file_has_its_whole_content()
    {
        Assert.Equal("", await Testing.Tool.BashAsync(
            "{ head -c 50000000 /dev/zero; printf middle; head -c $((70 * 1024 * 1024 - 50000000 - 6 - 3)) /dev/zero; printf end; } | " +
            $"cmp - <(tar -xOf '{layer.LayerTar}' ./t/sparse)"));
    }
}
