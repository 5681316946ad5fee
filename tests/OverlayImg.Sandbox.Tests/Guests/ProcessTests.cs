using System.Globalization;
using OverlayImg.Sandbox.Guests;
using OverlayImg.Sandbox.Tests.Fakes;
using OverlayImg.Testing;

namespace OverlayImg.Sandbox.Tests.Guests;

/// <summary>QEMU ends with the tool, with its guest's job, and when it is cancelled.</summary>
public sealed class ProcessTests(SavedGuest saved) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task QEMU_dies_with_a_tool_that_is_killed()
    {
        string[] arguments = [OwnerProcess.Command, _directory["scratch"], await saved.SnapshotsAsync()];
        await using var owner = RunningTool.Start(Environment.ProcessPath!, arguments);
        var qemu = int.Parse(await owner.LineAsync(_ => true, Token), CultureInfo.InvariantCulture);
        Assert.Equal("qemu", CommandOf(qemu)?[..4]);
        // Only the owner is killed. QEMU must end by itself.
        await owner.SignalAsync("KILL");
        await owner.Ended;
        await UntilAsync(() => HasEnded(qemu));
    }

    [Fact]
    public async Task QEMU_has_a_session_of_its_own_so_that_the_terminals_interrupt_does_not_reach_it()
    {
        await using var guest = await StartAsync(_directory["scratch"]);
        Assert.Equal(guest.ProcessId, SessionOf(guest.ProcessId));
        Assert.NotEqual(guest.ProcessId, SessionOf(Environment.ProcessId));
    }

    [Fact]
    public async Task Cancelling_a_boot_leaves_neither_process_nor_file()
    {
        using var cancellation = new CancellationTokenSource();
        var starting = TestGuest.StartAsync(_directory["scratch"], cancellationToken: cancellation.Token);
        await UntilAsync(() => QemusIn(_directory["scratch"]).Length > 0);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => starting);
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task Cancelling_a_job_leaves_neither_process_nor_file()
    {
        using var cancellation = new CancellationTokenSource();
        await using (var guest = await StartAsync(_directory["scratch"]))
        {
            var job = TestGuest.Job(_directory.Path, "echo running; sleep 1000");
            var running = guest.RunAsync(job, new CancelAtFirstOutput(cancellation), null, cancellation.Token);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
            Assert.Empty(QemusIn(_directory["scratch"]));
        }

        AssertNothingIsLeft();
    }

    [Fact]
    public async Task A_guest_without_a_job_leaves_neither_process_nor_file()
    {
        await using (await StartAsync(_directory["scratch"])) Assert.Single(QemusIn(_directory["scratch"]));
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task The_path_of_the_scratch_directory_may_be_longer_than_a_socket_address()
    {
        var scratch = _directory[Path.Combine(new string('a', 200), new string('b', 200))];
        await using (await StartAsync(scratch)) Assert.Single(QemusIn(scratch));
        Assert.Empty(Directory.GetFileSystemEntries(scratch));
    }

    private async Task<Guest> StartAsync(string scratch) => await TestGuest.StartAsync(scratch, await saved.SnapshotsAsync(), Token);

    private static string? CommandOf(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/comm");
        }
        catch (IOException)
        {
            return null;
        }
    }

    // proc(5): pid (comm) state ppid pgrp session
    private static int SessionOf(int process) => int.Parse(StatusOf(process)[3], CultureInfo.InvariantCulture);

    private static string[] StatusOf(int process) => File.ReadAllText($"/proc/{process}/stat").Split(") ")[^1].Split(' ');

    // A killed process stays as a zombie until the process that adopts orphans waits for it.
    private static bool HasEnded(int process)
    {
        try
        {
            return StatusOf(process)[0] is "Z" or "X";
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(Patience);
        while (!condition()) await Task.Delay(10, patience.Token);
    }

    /// <summary>Finds processes whose current directory is in <paramref name="scratch"/>: a guest's QEMU runs there.</summary>
    private static string[] QemusIn(string scratch) =>
        [.. Directory.GetDirectories("/proc").Where(process => DirectoryOf(process)?.StartsWith(scratch, StringComparison.Ordinal) == true)];

    private static string? DirectoryOf(string process)
    {
        try
        {
            return File.ResolveLinkTarget($"{process}/cwd", returnFinalTarget: false)?.FullName;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The entry is no process, the process has just ended, or it belongs to another user.
            return null;
        }
    }

    private void AssertNothingIsLeft()
    {
        Assert.Empty(QemusIn(_directory["scratch"]));
        Assert.Empty(Directory.GetFileSystemEntries(_directory["scratch"]));
    }

    private sealed class CancelAtFirstOutput(CancellationTokenSource cancellation) : MemoryStream
    {
        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            await cancellation.CancelAsync();
    }
}
