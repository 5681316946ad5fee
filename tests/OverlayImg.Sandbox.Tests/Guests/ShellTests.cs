using System.Text;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Ext4.Writing;
using OverlayImg.Sandbox.Jobs;
using OverlayImg.Testing;

namespace OverlayImg.Sandbox.Tests.Guests;

/// <summary>Interactive shells in a guest: the terminal, how the shell ends, and the commands that are kept.</summary>
public sealed class ShellTests(SavedGuest saved) : IDisposable
{
    private const string Prompt = "prompt> ";

    private readonly TemporaryDirectory _directory = new();
    private readonly MemoryStream _log = new();
    private string? _commands;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _directory.Dispose();
        _log.Dispose();
    }

    [Fact]
    public async Task The_shell_has_a_terminal_and_its_changes_are_kept_after_a_failure_if_the_user_wants_them()
    {
        var terminal = new FakeTerminal();
        var job = Job(terminal) with { Scripts = TestGuest.Script(JobScript.ExtraCommands, "echo later; cat made") };
        var running = RunAsync(job);
        await TypeAsync(terminal, "stty size; tty; echo $TERM", "30 100\r\n/dev/pts/0\r\nxterm\r\n");
        terminal.Resize(40, 120);
        await TypeAsync(terminal, "until [ \"$(stty size)\" = '40 120' ]; do :; done; stty size", "40 120\r\n");
        // Ctrl-C and Ctrl-Z reach the foreground job.
        await TypeAsync(terminal, "bash -c 'trap \"echo caught; exit 5\" INT; echo re''ady; read'", "ready\r\n");
        terminal.Press("\x03");
        await terminal.ExpectAsync("caught", Token);
        await TypeAsync(terminal, "bash -c 'echo re''ady; cat'", "ready\r\n");
        terminal.Press("typed\r");
        await terminal.ExpectAsync("typed\r\ntyped\r\n", Token);
        terminal.Press("\x1a");
        await terminal.ExpectAsync("Stopped", Token);
        await TypeAsync(terminal, "kill -9 %1; echo \"[$HISTFILE] $LESSHISTFILE\"", "[] -\r\n");
        await TypeAsync(terminal, " for i in 1 2; do\recho $i >>/made # é\rdone", "done\r\n");
        await TypeAsync(terminal, "cat /made", "1\r\n2\r\n");
        await TypeAsync(terminal, "cat /made", "1\r\n2\r\n");
        await TypeAsync(terminal, "echo end >>/made; exit 3", "exit\r\n");

        Assert.Equal(0, (await running).Status);
        Assert.Equal(new ShellEnd(3), terminal.Asked);
        Assert.Equal(["open", "complete"], terminal.States);
        Assert.StartsWith("The image has no bash: this is the bash of the guest.\r\n", terminal.Shown, StringComparison.Ordinal);
        Assert.Equal("later\n1\n2\nend\n", Encoding.UTF8.GetString(_log.ToArray()));
        var layer = await Tool.RunAsync("debugfs", ["-R", "ls -p /layer", job.UpperDisk], cancellationToken: Token);
        var lines = layer.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal([".", "..", "made"], lines.Select(line => line.Split('/')[5]).Order(StringComparer.Ordinal));
        Assert.Equal("""
            stty size; tty; echo $TERM
            until [ "$(stty size)" = '40 120' ]; do :; done; stty size
            # This command ended with status 5:
            # bash -c 'trap "echo caught; exit 5" INT; echo re''ady; read'
            # This command ended with status 148:
            # bash -c 'echo re''ady; cat'
            kill -9 %1; echo "[$HISTFILE] $LESSHISTFILE"
             for i in 1 2; do
            echo $i >>/made # é
            done
            cat /made
            cat /made
            echo end >>/made

            """, _commands);
    }

    [Fact]
    public async Task The_end_of_input_ends_the_shell_with_the_last_status_and_the_user_can_throw_the_changes_away()
    {
        var terminal = new FakeTerminal(discards: true);
        var running = RunAsync(Job(terminal) with { Scripts = TestGuest.Script(JobScript.ExtraCommands, "echo never") });
        await TypeAsync(terminal, "(exit 42)", Prompt);
        terminal.Press("\x04");
        var exception = await Assert.ThrowsAsync<ScriptException>(() => running);
        Assert.Equal("The shell ended with status 42, and what it changed was thrown away; no layer was written", exception.Message);
        Assert.Equal((42, 42), (terminal.Asked!.Status, exception.Status));
        Assert.Empty(exception.LastLines);
        Assert.Equal(["open", "complete"], terminal.States);
        Assert.Equal(0, _log.Length);
    }

    [Fact]
    public async Task The_sh_of_an_image_without_bash_is_the_shell()
    {
        var terminal = new FakeTerminal();
        var job = Job(terminal, ShellImage()) with { Shell = new(terminal) };
        Assert.Equal(0, (await RunAsync(job)).Status);
        Assert.Equal("sh on /dev/pts/0\r\n", terminal.Shown);
        Assert.Null(terminal.Asked);
        Assert.Null(_commands);
    }

    [Fact]
    public async Task A_terminal_that_is_gone_ends_the_job_and_so_does_cancellation()
    {
        var terminal = new FakeTerminal();
        var running = RunAsync(Job(terminal));
        await terminal.ExpectAsync(Prompt, Token);
        terminal.Disappear();
        Assert.Contains("closed", (await Assert.ThrowsAsync<MachineException>(() => running)).Message, StringComparison.Ordinal);
        Assert.Equal(["open", "broken"], terminal.States);

        terminal = new();
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Token);
        running = RunAsync(Job(terminal), cancellation.Token);
        await terminal.ExpectAsync(Prompt, Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal(["open", "broken"], terminal.States);
    }

    private GuestJob Job(FakeTerminal terminal, params string[] parents) => TestGuest.Job(_directory.Path, "", parents) with
    {
        Shell = new(terminal) { OnCommands = commands => _commands = Encoding.UTF8.GetString(commands.Span) },
        Environment = new Dictionary<ByteString, ReadOnlyMemory<byte>>
        {
            [ByteString.FromText("TERM")] = "xterm"u8.ToArray(),
            [ByteString.FromText("PS1")] = ByteString.FromText(Prompt).Memory,
        },
    };

    // A parent disk with a program that tells its name and its terminal.
    private string ShellImage()
    {
        var (tree, directory) = (new FileTree(), new DirectoryNode(Metadata.DefaultDirectory));
        var content = new MemoryContent("#!/.overlayimg/bin/bash\necho \"${0##*/} on $(tty)\""u8.ToArray());
        directory.Set(ByteString.FromText("sh"), new RegularFileNode(Metadata.DefaultFile with { Permissions = 0b111_101_101 }, content));
        tree.Root.Set(ByteString.FromText("bin"), directory);
        Ext4Writer.Write(tree, _directory["sh.ext4"], new() { ReadOnly = true }, Token);
        return _directory["sh.ext4"];
    }

    private static async Task TypeAsync(FakeTerminal terminal, string line, string expected)
    {
        await terminal.ExpectAsync(Prompt, Token);
        terminal.Press($"{line}\r");
        await terminal.ExpectAsync(expected, Token);
    }

    private async Task<JobResult> RunAsync(GuestJob job, CancellationToken? token = null)
    {
        await using var guest = await TestGuest.StartAsync(_directory["scratch"], await saved.SnapshotsAsync(), Token);
        return await guest.RunAsync(job, _log, null, token ?? Token);
    }
}
