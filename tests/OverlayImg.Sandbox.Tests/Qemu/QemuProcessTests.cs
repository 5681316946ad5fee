using OverlayImg.Sandbox.Qemu;
using OverlayImg.Testing;

namespace OverlayImg.Sandbox.Tests.Qemu;

/// <summary>How QEMU is started, watched and ended. A shell plays QEMU.</summary>
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
    public async Task The_exit_status_comes_after_all_output(string end, int status)
    {
        using var process = await StartAsync($"echo console; echo error >&2; seq 20000; {end}");
        Assert.Equal(status, await process.Ended.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        Assert.True(process.EndedToken.IsCancellationRequested);
        Assert.Equal(8 + 108_894, process.Console.Length);
        Assert.Equal(["20000"], process.Console.LastLines(1));
        Assert.Equal(["error"], process.Errors.LastLines(2));
        Assert.False(process.Killed);
        // An ended process is not killed, because another process may have its ID now.
        process.Kill();
        await process.EndAsync();
    }

    [Fact]
    public async Task A_killed_QEMU_is_marked_as_killed()
    {
        using var process = await StartAsync("echo ready; exec sleep 1000");
        Assert.False(process.EndedToken.IsCancellationRequested);
        await process.EndAsync();
        Assert.Equal(128 + 9, await process.Ended);
        Assert.True(process.Killed);
    }

    [Fact]
    public async Task Arguments_arrive_unchanged()
    {
        string[] arguments =
        [
            "", " ", "a b", "\"", "a\"b c", "\\", "a\\", "a\\\\ b\\", "\\\"", "'",
            "$HOME `x` *", "two\nlines\t", "file=x,y=\"z z\"", "ä€😀", "-",
        ];
        using var process = await StartAsync("printf '<%s>' \"$@\" > arguments", ["sh", .. arguments]);
        Assert.Equal(0, await process.Ended);
        var written = await File.ReadAllTextAsync(_directory["arguments"], TestContext.Current.CancellationToken);
        Assert.Equal(string.Concat(arguments.Select(argument => $"<{argument}>")), written);
    }

    [Fact]
    public async Task QEMU_gets_its_locale_directory_state_file_and_session()
    {
        await File.WriteAllTextAsync(_directory["state with 'quotes'"], "saved", TestContext.Current.CancellationToken);
        const string Script = "echo $LC_ALL; pwd; cat <&9; echo; cat; echo end of input; ps -o sid= -p $$ | tr -d ' '; echo $$";
        using var process = await StartAsync(Script, [], _directory["state with 'quotes'"]);
        Assert.Equal(0, await process.Ended);
        Assert.Equal(["C", _directory.Path, "saved", "end of input", $"{process.Id}", $"{process.Id}"], process.Console.LastLines(10));
    }

    /// <summary>The kernel sends the parent-death signal when the thread that started the child ends.</summary>
    [Fact]
    public async Task QEMU_outlives_the_thread_that_started_it()
    {
        QemuProcess? process = null;
        var thread = new Thread(() =>
        {
            process = StartAsync("echo ready; exec sleep 1000").GetAwaiter().GetResult();
            // setpriv has requested the signal before the shell prints anything.
            SpinWait.SpinUntil(() => process.Console.Length > 0);
        });
        thread.Start();
        thread.Join();
        using (process)
        {
            // The kernel would send the signal at once.
            await Task.Delay(200, TestContext.Current.CancellationToken);
            Assert.False(process!.Ended.IsCompleted);
            await process.EndAsync();
        }
    }

    [Fact]
    public async Task A_missing_program_is_reported_with_its_error()
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
