using System.Text;
using OverlayImg.Cli.Options;
using OverlayImg.Cli.Reporting;
using OverlayImg.Cli.Terminals;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Cli.Tests.Terminals;

/// <summary>The user's terminal while a shell has it, and the question after a shell that failed.</summary>
public sealed class UserTerminalTests : IDisposable
{
    private readonly PseudoTerminal _user = new();
    private readonly ListReporter _reporter = new();
    private readonly UserTerminal _terminal;

    public UserTerminalTests() => _terminal = new(_user.Terminal, _user.Terminal, _reporter);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _terminal.Close(isComplete: true);
        _reporter.Dispose();
        _user.Dispose();
    }

    [Fact]
    public async Task A_shell_gets_every_key_and_the_size_and_the_modes_come_back()
    {
        var modes = _user.Modes;
        Assert.Equal(new(24, 80), _terminal.Size);
        _user.Resize(33, 99);
        Assert.Equal(new(33, 99), _terminal.Size);
        _terminal.Open();
        _terminal.Open();
        Assert.NotEqual(modes, _user.Modes);
        // Neither signals nor line editing, neither echo nor a change of line ends.
        _user.Press("\x03\x1a\x04\r");
        Assert.Equal("\x03\x1a\x04\r", Encoding.ASCII.GetString((await _terminal.ReadAsync(Token)).Span));
        _terminal.Write("a\nb"u8);
        Assert.Equal("a\nb", _user.ReadTo("b"));
        _terminal.Close(isComplete: true);
        Assert.Equal(modes, _user.Modes);
        _terminal.Write("c"u8);
        Assert.Equal("c", _user.ReadTo("c"));
    }

    [Fact]
    public void After_a_broken_shell_the_modes_of_its_programs_are_reset()
    {
        var modes = _user.Modes;
        _terminal.Open();
        UserTerminal.RestoreOpened();
        Assert.Equal(modes, _user.Modes);
        Assert.Contains("\e[?25h", _user.ReadTo("\n"), StringComparison.Ordinal);
        // A shell whose output arrives later does not get the terminal again.
        _terminal.Open();
        Assert.Equal(modes, _user.Modes);
    }

    [Fact]
    public async Task A_window_that_is_closed_ends_the_input()
    {
        _terminal.Open();
        var reading = _terminal.ReadAsync(Token);
        _user.Disappear();
        Assert.True((await reading).IsEmpty);
        Assert.Throws<IOException>(() => _terminal.Write("x"u8));
    }

    [Fact]
    public void Messages_wait_while_a_shell_has_the_terminal()
    {
        _terminal.Open();
        _reporter.Report(new Warning("first"));
        _reporter.Report(new StepProgress("bytes", 1, 2));
        _reporter.Report(new StepStarted("second"));
        Assert.Empty(_reporter.Shown);
        _terminal.Close(isComplete: true);
        _reporter.Report(new Notice("third"));
        Assert.Equal(["first", "second", "third"], _reporter.Shown);
        Assert.Equal(["first", "third"], _reporter.Warnings);
    }

    [Theory]
    [InlineData("\r", false)]
    [InlineData("\x04", false)]
    [InlineData("n\r", false)]
    [InlineData("y\r", true)]
    [InlineData("maybe\ryes\r", true)]
    public async Task The_changes_are_kept_unless_the_user_says_yes(string keys, bool isDiscarded)
    {
        _user.Press(keys);
        Assert.Equal(isDiscarded, await _terminal.AskToDiscardAsync(new(3), Token));
        Assert.Contains("The shell ended with status 3. Throw its changes away? [y/N] ", _user.ReadTo("[y/N] "), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_question_can_be_cancelled_and_takes_no_later_key()
    {
        using var cancellation = new CancellationTokenSource();
        var asking = _terminal.AskToDiscardAsync(new(1, NoSpace: true), cancellation.Token);
        Assert.StartsWith("The guest's disk is full, and the shell ended with status 1.", _user.ReadTo("[y/N] "), StringComparison.Ordinal);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        _user.Press("y\r");
        Assert.True(await _terminal.AskToDiscardAsync(new(137, OutOfMemory: true), Token));
        Assert.Contains("ran out of memory", _user.ReadTo("status 137"), StringComparison.Ordinal);
    }

    private sealed class ListReporter : Reporter
    {
        public List<string> Shown { get; } = [];

        protected override void Show(BuildEvent value) => Shown.Add(value switch
        {
            Warning warning => warning.Text,
            Notice notice => notice.Text,
            StepStarted step => step.Text,
            _ => value.ToString()!,
        });

        protected override void ShowLine(string text) => Shown.Add(text);
    }
}
