using System.Text;
using System.Text.RegularExpressions;
using OverlayImg.Cli.Exits;
using OverlayImg.Cli.Reporting;
using OverlayImg.Cli.Terminals;
using OverlayImg.Images.Overlay;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Cli.Tests.Reporting;

/// <summary>What a terminal shows of a run, by a fake clock.</summary>
public sealed partial class TerminalReporterTests : IDisposable
{
    private const string Disks = "Preparing the disks of 2 parent layers";
    private readonly FakeTime _time = new();
    private readonly StringWriter _terminal = new();
    private int _columns = 80;
    private TerminalReporter? _made;

    public void Dispose() => _made?.Dispose();

    [Theory]
    [InlineData(100, "⠋ Preparing the disks of 2 parent layers  ━━━━━━━───────  50.0/100.0 MiB  25 MiB/s  2 s left        2.0 s")]
    [InlineData(80, "⠋ Preparing the disks of 2 parent layers                                  2.0 s\n  ━━━━━━━━━━━━────────────  50.0/100.0 MiB  25 MiB/s  2 s left")]
    [InlineData(40, "⠋ Preparing the disks of 2 pare…  2.0 s\n  50.0/100.0 MiB  25 MiB/s  2 s left")]
    [InlineData(24, "⠋ Preparing the…  2.0 s\n  50.0/100.0 MiB\n  25 MiB/s  2 s left")]
    public void A_step_with_a_length_has_bytes_rate_and_time_left(int columns, string shown)
    {
        _columns = columns;
        Report(new StepStarted(Disks));
        _time.Advance(2);
        Report(new StepProgress(Disks, 50 << 20, 100 << 20));
        _time.Tick();
        Assert.Equal(Squeeze(shown), Squeeze(LastDrawing()));
        Assert.All(LastDrawing().Split('\n'), line => Assert.InRange(DisplayWidth.Of(line), 0, columns - 1));
    }

    [Theory]
    [InlineData(80, "⠋ Running the scripts in the guest Get:1 http://deb.debian.org/debian … 3.4 s")]
    [InlineData(40, "⠋ Running the scripts in the gu… 3.4 s\n Get:1 http://deb.debian.org/debian b…")]
    public void The_last_line_of_a_script_is_beside_its_timer(int columns, string shown)
    {
        _columns = columns;
        Report(new StepStarted("Running the scripts in the guest"));
        Output("Reading package lists...\n\e[32mGet:1\e[0m http://deb.debian.org/debian bookworm InRelease\n");
        _time.Advance(3.4);
        _time.Tick();
        Assert.Matches("^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] ", LastDrawing());
        Assert.Equal(Squeeze(shown[2..]), Squeeze(LastDrawing()[2..]));
    }

    [Fact]
    public void A_step_that_ends_stays_once_and_the_area_is_empty_at_the_end()
    {
        Report(new StepStarted("Reading base.tar"));
        _time.Advance(0.15);
        Report(new StepStarted("Packing the new layer"));
        Report(new StepProgress("Packing the new layer", 3 << 20, 3 << 20));
        _time.Advance(61);
        Reporter.Finish();
        Reporter.Line("layer: 3 entries");
        Reporter.Closing(new LayerChanges(3, 1, 0), new("load it", "docker load -i a.tar"));
        Assert.Equal(0, _time.Timers);
        Assert.Equal(
            "✓ Reading base.tar 0.1 s\n✓ Packing the new layer 3 MiB 1 min 01 s\nlayer: 3 entries\n3 added, 1 changed, 0 deleted\ntotal time: 1 min 01 s\n" +
            "load it: docker load -i a.tar", Squeeze(Screen()));
    }

    [Fact]
    public void The_step_at_which_a_run_fails_is_marked_and_the_script_s_last_lines_are_not_lost()
    {
        Report(new StepStarted("Fetching 1 layer"));
        Report(new StepProgress("Fetching 1 layer", 10, 10));
        Report(new StepStarted("Sending 1 layer", Alongside: true));
        Reporter.Error(new Failure(ExitCodes.Input, "base.tar: is broken", new InputException("is broken")));
        Assert.Equal("✓ Fetching 1 layer 10 B 0.0 s\n✗ Sending 1 layer 0.0 s\noverlayimg: base.tar: is broken", Squeeze(Screen()));
    }

    [Fact]
    public void Messages_stay_above_the_running_step()
    {
        Report(new StepStarted("Reading base.tar"));
        Report(new Warning("The file has no name."));
        Assert.Equal("warning: The file has no name.\n⠋ Reading base.tar 0.0 s", Squeeze(Screen()));
    }

    [Fact]
    public void Every_drawing_shows_the_cursor_again()
    {
        Report(new StepStarted("Reading base.tar"));
        _time.Advance(1);
        _time.Tick();
        foreach (var drawing in _terminal.ToString().Split("\e[?25l", StringSplitOptions.RemoveEmptyEntries))
            Assert.EndsWith("\e[?25h", drawing, StringComparison.Ordinal);
    }

    [Fact]
    public void A_narrower_terminal_has_wrapped_the_lines_that_are_replaced()
    {
        Report(new StepStarted("Reading base.tar"));
        _columns = 40;
        _time.Tick();
        // The line of 79 columns occupies two rows of 40 columns.
        Assert.Contains("\e[2A", _terminal.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Verbose_output_stays_in_whole_lines()
    {
        _made = new(_terminal, () => new(_columns, 24), StepSymbols.For(Encoding.UTF8, "xterm"), _time) { Verbose = true };
        Report(new StepStarted("Running the scripts in the guest"));
        Output("one\ntw");
        Output("o\nthree");
        Reporter.Finish();
        Assert.Equal("one\ntwo\nthree\n✓ Running the scripts in the guest 0.0 s", Squeeze(Screen()));
    }

    private TerminalReporter Reporter => _made ??= new(_terminal, () => new(_columns, 24), StepSymbols.For(Encoding.UTF8, "xterm"), _time);

    private void Report(BuildEvent value) => Reporter.Report(value);

    private void Output(string text) => Report(new ScriptOutput(Encoding.UTF8.GetBytes(text)));

    private string LastDrawing() => Plain(_terminal.ToString().Split("\e[?25l")[^1]).TrimStart('\r').TrimEnd('\n');

    // Executes the few sequences that the area uses: up, and erase below.
    private string Screen()
    {
        var lines = new List<string>();
        foreach (var drawing in _terminal.ToString().Split("\e[?25l", StringSplitOptions.RemoveEmptyEntries))
        {
            if (Up().Match(drawing) is { Success: true } up) lines.RemoveRange(lines.Count - int.Parse(up.Groups[1].Value, null), int.Parse(up.Groups[1].Value, null));
            lines.AddRange(Plain(drawing).TrimStart('\r').TrimEnd('\n').Split('\n'));
        }

        return string.Join('\n', lines).Trim('\n');
    }

    private static string Plain(string text) => Sequence().Replace(text, "");

    private static string Squeeze(string text) => Spaces().Replace(text, " ");

    [GeneratedRegex(@"\e\[[?0-9;]*[A-Za-z]")]
    private static partial Regex Sequence();

    [GeneratedRegex(@"\e\[([0-9]+)A")]
    private static partial Regex Up();

    [GeneratedRegex(" +")]
    private static partial Regex Spaces();
}
