using System.Globalization;
using OverlayImg.FileSystems.Ext4.Reading;
using OverlayImg.FileSystems.Ext4.Writing;
using OverlayImg.Testing;

namespace OverlayImg.FileSystems.Tests.Ext4;

/// <summary>A disk in a temporary directory, with checks by e2fsck, debugfs, the kernel and the reader.</summary>
internal sealed class TestDisk : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public string Path => _directory["disk.img"];

    /// <summary>Writes the tree to a new disk and checks the disk with e2fsck.</summary>
    public static async Task<TestDisk> WriteAsync(FileTree tree, Ext4WriterOptions? options = null)
    {
        var disk = new TestDisk();
        Ext4Writer.Write(tree, disk.Path, options ?? new() { ReadOnly = true }, CancellationToken.None);
        await disk.CheckAsync();
        return disk;
    }

    /// <summary>Returns the writer's exception for a tree that it refuses.</summary>
    public static T Refusal<T>(FileTree tree, Ext4WriterOptions? options = null)
        where T : Exception
    {
        using var disk = new TestDisk();
        var error = Assert.Throws<T>(() => Ext4Writer.Write(tree, disk.Path, options ?? new() { ReadOnly = true }, CancellationToken.None));
        Assert.False(File.Exists(disk.Path));
        return error;
    }

    /// <summary>Checks that e2fsck finds no error and prints no warning.</summary>
    public async Task CheckAsync()
    {
        var result = await Tool.RunAsync("e2fsck", ["-fn", Path]);
        Assert.True(result.ExitCode == 0, $"exit code {result.ExitCode}\n{result.StandardOutput}\n{result.StandardError}");
        // e2fsck prints five lines for five passes and a summary. Any other line is a warning.
        Assert.Equal(6, result.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    /// <summary>Runs a command of <c>debugfs</c> and returns the output.</summary>
    public Task<string> AskAsync(string command) => Tool.OutputAsync("debugfs", "-R", command, Path);

    /// <summary>Mounts the disk and runs <paramref name="use"/> with the mount point.</summary>
    public async Task<T> MountedAsync<T>(Func<string, Task<T>> use, bool readOnly = true)
    {
        var point = _directory["mnt"];
        Directory.CreateDirectory(point);
        await Tool.OutputAsync("mount", "-t", "ext4", "-o", readOnly ? "loop,ro" : "loop", Path, point);
        try
        {
            return await use(point);
        }
        finally
        {
            await Tool.OutputAsync("umount", point);
            await ReleasedAsync();
        }
    }

    // A mount namespace that another test made meanwhile (unshare -m) has a copy of the mount. The kernel has written the whole disk only when
    // that copy is gone, too.
    private async Task ReleasedAsync()
    {
        for (var attempt = 0; (await Tool.OutputAsync("losetup", "--associated", Path)).Length > 0; attempt++)
        {
            Assert.True(attempt < 1200, "The disk is still in use a minute after it was unmounted.");
            await Task.Delay(50);
        }
    }

    /// <summary>Runs a bash script in the mounted disk.</summary>
    public Task<string> BashAsync(string script, bool readOnly = true) => MountedAsync(point => Tool.BashAsync(script, point), readOnly);

    /// <summary>Checks that the kernel and the reader both show <paramref name="tree"/>.</summary>
    public async Task ShowsAsync(FileTree tree)
    {
        var expected = TreeFacts.Of(tree);
        Assert.Equal(expected, await KernelFactsAsync());
        Assert.Equal(expected, ReaderFacts());
    }

    /// <summary>Lists the disk as the kernel shows it.</summary>
    public Task<IReadOnlyList<string>> KernelFactsAsync() => MountedAsync(KernelFacts.OfAsync);

    /// <summary>Lists the disk as the reader shows it.</summary>
    public IReadOnlyList<string> ReaderFacts()
    {
        using var source = ByteSource.Open(Path);
        return TreeFacts.Of(Ext4Reader.Read(source, CancellationToken.None));
    }

    /// <summary>Reads a number from the output of <c>dumpe2fs -h</c>.</summary>
    public async Task<long> SuperblockNumberAsync(string label)
    {
        var lines = (await Tool.OutputAsync("dumpe2fs", "-h", Path)).Split('\n');
        var line = lines.Single(line => line.StartsWith(label + ":", StringComparison.Ordinal));
        return long.Parse(line[(label.Length + 1)..].Trim(), CultureInfo.InvariantCulture);
    }

    public void Dispose() => _directory.Dispose();
}
