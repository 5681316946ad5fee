using OverlayImg.Testing;

namespace OverlayImg.Tool.Tests.Judges;

/// <summary>The image of Scripts/hard-layers.sh, whose layers have all cases that are difficult to flatten, and its export.</summary>
public sealed class HardImage(InstalledTool tool) : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();

    // docker and podman start a process and, with vfs, copy all files for each layer.
    private const int Layers = 24;

    /// <summary>The image's name.</summary>
    public const string Name = "overlayimg-test:hard";

    /// <summary>Path of a docker-archive of the image.</summary>
    public string Archive => _directory["image.tar"];

    /// <summary>Path of the tar that <c>export</c> makes from the image.</summary>
    public string Tar => _directory["rootfs.tar"];

    /// <summary>Output of Scripts/listing.sh for the files that GNU tar unpacked from <see cref="Tar"/>.</summary>
    public string Listing { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        var layers = Directory.CreateDirectory(_directory["layers"]).FullName;
        await Testing.Tool.BashAsync($"bash '{Script("hard-layers.sh")}'", layers);
        await DerivedImage.WriteNamedAsync(Name, Archive, null, [.. Enumerable.Range(1, Layers).Select(number => $"{layers}/{number}.tar")]);
        var export = await tool.RunAsync(["export", Archive, "-o", Tar]);
        Assert.True(export.ExitCode == 0, export.StandardError);
        Directory.CreateDirectory(_directory["rootfs"]);
        await Testing.Tool.BashAsync($"tar --xattrs --xattrs-include='*' --numeric-owner -xpf '{Tar}' -C '{_directory["rootfs"]}'");
        Listing = await ListAsync(_directory["rootfs"]);
    }

    public ValueTask DisposeAsync()
    {
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Returns the path of a script of the tests.</summary>
    public static string Script(string name) => Path.Combine(AppContext.BaseDirectory, "Scripts", name);

    /// <summary>Lists the files below <paramref name="root"/>, with times.</summary>
    public static async Task<string> ListAsync(string root) =>
        await Testing.Tool.BashAsync(
            $"bash '{Script("listing.sh")}'; find . -mindepth 1 ! -name lost+found -printf 'time %T@ %p\\0' | sort -z | tr '\\n\\0' '\\001\\n'",
            root);

    /// <summary>Returns the lines that only one of two listings has, without known differences.</summary>
    public static string[] Differences(string first, string second, Func<string, bool>? isKnown = null)
    {
        var (one, other) = (first.Split('\n').ToHashSet(), second.Split('\n').ToHashSet());
        // Two empty listings would also be equal.
        Assert.True(one.Count > 50, $"The listing has only {one.Count} lines.");
        return [.. one.Except(other).Select(line => $"< {line}").Concat(other.Except(one).Select(line => $"> {line}"))
            .Where(line => isKnown?.Invoke(line[2..]) != true)];
    }
}
