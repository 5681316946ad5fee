using OverlayImg.Sandbox.Qemu;
using OverlayImg.Testing;

namespace OverlayImg.Sandbox.Tests.Qemu;

/// <summary>How QEMU is started, watched and ended; here a shell stands for it.</summary>
public sealed class QemuProcessTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("exit 0", 0)]
    [InlineData("exit 3", 3)]
    [InlineData("kill -TERM $$", 128 + 15)]
    [InlineData("kill -KILL $$", 128 + 9)]
    [InlineData("kill -ABRT $$", 128 + 6)]
    public async Task The_exit_status_is_told_with_everything_that_was_said(string end, int status)
    {
        using var process = await StartAsync($"echo console; echo error >&2; seq 20000; {end}");
        Assert.Equal(status, await process.Ended.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        Assert.True(process.EndedToken.IsCancellationRequested);
        Assert.Equal(8 + 108_894, process.Console.Length);
        Assert.Equal(["20000"], process.Console.LastLines(1));
        Assert.Equal(["error"], process.Errors.LastLines(2));
        Assert.False(process.Killed);
        // A process that has ended is not killed, whoever has its number now.
        process.Kill();
        await process.EndAsync();
    }

    [Fact]
    public async Task A_kill_ends_it_and_is_told_from_its_own_end()
    {
        using var process = await StartAsync("echo ready; exec sleep 1000");
        Assert.False(process.EndedToken.IsCancellationRequested);
        await process.EndAsync();
        Assert.Equal(128 + 9, await process.Ended);
        Assert.True(process.Killed);
    }

    [Fact]
    public async Task Arguments_arrive_as_they_are()
    {
        string[] arguments = ["", " ", "a b", "\"", "a\"b c", "\\", "a\\", "a\\\\ b\\", "\\\"", "'", "$HOME `x` *", "two\nlines\t", "file=x,y=\"z z\"", "ä€😀", "-"];
        using var process = await StartAsync("printf '<%s>' \"$@\" > arguments", ["sh", .. arguments]);
        Assert.Equal(0, await process.Ended);
        Assert.Equal(string.Concat(arguments.Select(argument => $"<{argument}>")), await File.ReadAllTextAsync(_directory["arguments"], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Its_surroundings_are_those_that_QEMU_needs()
    {
        await File.WriteAllTextAsync(_directory["state with 'quotes'"], "saved", TestContext.Current.CancellationToken);
        const string Script = "echo $LC_ALL; pwd; cat <&9; echo; cat; echo end of input; ps -o sid= -p $$ | tr -d ' '; echo $$";
        using var process = await StartAsync(Script, [], _directory["state with 'quotes'"]);
        Assert.Equal(0, await process.Ended);
        Assert.Equal(["C", _directory.Path, "saved", "end of input", $"{process.Id}", $"{process.Id}"], process.Console.LastLines(10));
    }

    /// <summary>The kernel sends the parent-death signal when the thread ends that made the child.</summary>
    [Fact]
    public async Task It_outlives_the_thread_that_asks_for_it()
    {
        QemuProcess? process = null;
        var thread = new Thread(() =>
        {
            process = StartAsync("echo ready; exec sleep 1000").GetAwaiter().GetResult();
            // The program has asked for the signal before it says anything.
            SpinWait.SpinUntil(() => process.Console.Length > 0);
        });
        thread.Start();
        thread.Join();
        using (process)
        {
            // The signal would come at once.
            await Task.Delay(200, TestContext.Current.CancellationToken);
            Assert.False(process!.Ended.IsCompleted);
            await process.EndAsync();
        }
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_told_by_its_error()
    {
        var program = new QemuProgram("/bin/sh", _directory["no-setsid"], "setpriv");
        var exception = await Assert.ThrowsAsync<MachineException>(() => QemuProcess.StartAsync(program, [], _directory.Path));
        Assert.StartsWith("QEMU can't be started: ", exception.Message, StringComparison.Ordinal);
        Assert.Contains("No such file or directory", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", exception.Message, StringComparison.Ordinal);
    }

    private Task<QemuProcess> StartAsync(string script, string[]? arguments = null, string? state = null) =>
        QemuProcess.StartAsync(QemuProgram.Find("sh"), ["-c", script, .. arguments ?? []], _directory.Path, state);
}
