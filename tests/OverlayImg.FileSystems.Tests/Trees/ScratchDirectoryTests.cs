using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.Testing;

namespace OverlayImg.FileSystems.Tests.Trees;

public sealed class ScratchDirectoryTests
{
    [Fact]
    public void A_scratch_directory_is_private_and_removed_when_disposed_of()
    {
        using var parent = new TemporaryDirectory();
        string path;
        using (var scratch = ScratchDirectory.Create(parent["cache/scratch"]))
        {
            path = scratch.Path;
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(path));
            File.WriteAllText(scratch.NewPath("file"), "x");
            Assert.NotEqual(scratch.NewPath("file"), scratch.NewPath("file"));
        }

        Assert.False(Path.Exists(path));
        Assert.Empty(Directory.GetFileSystemEntries(parent["cache/scratch"]));
    }

    [Fact]
    public void Directories_of_killed_runs_are_removed_and_those_of_running_processes_are_kept()
    {
        using var parent = new TemporaryDirectory();
        using var living = ScratchDirectory.Create(parent.Path);
        File.WriteAllText(living.NewPath("kept"), "x");
        // The kernel releases a killed process's lock, but the lock file stays.
        Directory.CreateDirectory(parent["run-killed/deep"]);
        File.WriteAllText(parent["run-killed/lock"], "");
        File.WriteAllText(parent["run-killed/deep/file"], "x");
        Directory.CreateDirectory(parent["run-starting.new"]);
        Directory.CreateDirectory(parent["run-died-starting.new"]);
        Directory.SetLastWriteTimeUtc(parent["run-died-starting.new"], DateTime.UtcNow.AddHours(-1));
        Directory.CreateDirectory(parent["somebody-else"]);

        using var next = ScratchDirectory.Create(parent.Path);

        string[] expected = [living.Path, next.Path, parent["run-starting.new"], parent["somebody-else"]];
        Assert.Equal(expected.Order(StringComparer.Ordinal), Directory.GetDirectories(parent.Path).Order(StringComparer.Ordinal));
        Assert.Equal(2, Directory.GetFiles(living.Path).Length);
    }

    /// <summary>A real process that is killed: flock(1) takes the lock like the runtime and can't release it.</summary>
    [Fact]
    public async Task A_directory_is_kept_while_its_process_runs_and_removed_after_it_was_killed()
    {
        using var parent = new TemporaryDirectory();
        Directory.CreateDirectory(parent["run-other"]);
        await using var other = RunningTool.Start("flock", ["-o", parent["run-other/lock"], "sh", "-c", "echo locked; read _"]);
        await other.LineAsync(line => line == "locked", TestContext.Current.CancellationToken);

        using (ScratchDirectory.Create(parent.Path)) Assert.True(Directory.Exists(parent["run-other"]));
        await other.KillAsync();
        using (ScratchDirectory.Create(parent.Path)) Assert.False(Directory.Exists(parent["run-other"]));
    }

    [Fact]
    public void A_parent_that_can_not_be_created_is_an_unusable_directory()
    {
        using var parent = new TemporaryDirectory();
        File.WriteAllText(parent["file"], "");
        Assert.Empty(Assert.Throws<UnusableDirectoryException>(() => ScratchDirectory.Create(parent["file/below"])).Advice!.Settings);
        var setting = new Setting("parent");
        var refusal = Assert.Throws<UnusableDirectoryException>(() => ScratchDirectory.Create(parent["file/below"], setting: setting));
        Assert.Equal([setting], refusal.Advice!.Settings);
        Assert.EndsWith(". Choose another directory.", refusal.Describe(), StringComparison.Ordinal);
    }
}
