using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading.Channels;
using Microsoft.Win32.SafeHandles;
using OverlayImg.Sandbox.Jobs;

namespace OverlayImg.Cli.Terminals;

/// <summary>
/// The terminal of the user: standard input, and standard error for the output, so that standard output has the result only. Its modes are restored
/// however the shell ends.
/// </summary>
internal sealed class UserTerminal : IShellTerminal
{
    private const int Interrupted = 4, TryAgain = 11;
    private const int Forever = -1;

    // Visible cursor; no bracketed paste, mouse reports, cursor keys of applications, keypad of applications, colours.
    private static readonly byte[] CleanUp = "\e[?25h\e[?2004l\e[?1000l\e[?1002l\e[?1003l\e[?1006l\e[?1l\e>\e[0m\r\n"u8.ToArray();

    private static readonly Lock OpenLock = new();
    private static UserTerminal? _opened;

    private readonly SafeFileHandle _input;
    private readonly SafeFileHandle _output;
    private readonly IProgressDisplay _progress;
    private readonly byte[] _modes = new byte[TerminalCalls.ModesLength];
    private readonly Channel<bool> _resized = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly TaskCompletionSource<TerminalInput> _keys = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<PosixSignalRegistration> _signals = [];
    private bool _wasOpened;

    /// <summary>Creates the terminal of two files that are terminals. The caller owns the files.</summary>
    /// <param name="progress">Waits with its messages while a shell has the terminal.</param>
    internal UserTerminal(SafeFileHandle input, SafeFileHandle output, IProgressDisplay progress) =>
        (_input, _output, _progress) = (input, output, progress);

    /// <inheritdoc/>
    public string Type => Environment.GetEnvironmentVariable("TERM") is { Length: > 0 } type ? type : "dumb";

    /// <inheritdoc/>
    public TerminalSize Size => TerminalCalls.GetSize(_output, TerminalCalls.GetWindowSize, out var size) == 0 && size is { Rows: > 0, Columns: > 0 }
        ? new(size.Rows, size.Columns)
        : new(24, 80);

    /// <summary>Returns the terminal of this process; null if standard input or standard error is no terminal.</summary>
    public static UserTerminal? Find(IProgressDisplay progress) => TerminalCalls.IsTerminal(0) == 1 && TerminalCalls.IsTerminal(2) == 1
        ? new(new SafeFileHandle(0, ownsHandle: false), new SafeFileHandle(2, ownsHandle: false), progress)
        : null;

    /// <summary>Takes the terminal back from a shell that still has it, when the tool ends without waiting for the clean-up.</summary>
    public static void RestoreOpened() => _opened?.Close(isComplete: false);

    /// <inheritdoc/>
    public void Open()
    {
        lock (OpenLock)
        {
            if (_wasOpened) return;
            _wasOpened = true;
            _progress.Suspend();
            if (TerminalCalls.GetModes(_input, _modes) < 0) throw Failed("its modes can't be read");
            _opened = this;
            MakeRaw();
            _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => _resized.Writer.TryWrite(true)));
            // A shell that continues a stopped job gives it the terminal in the shell's own modes.
            _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGCONT, _ => Reopen()));
            _keys.SetResult(new(_input));
        }
    }

    /// <inheritdoc/>
    public void Close(bool isComplete)
    {
        lock (OpenLock)
        {
            if (_opened != this) return;
            _opened = null;
            foreach (var signal in _signals) signal.Dispose();
            if (_keys.Task.IsCompleted) _keys.Task.Result.Dispose();
            if (!isComplete) TerminalCalls.Write(_output, CleanUp, CleanUp.Length);
            // An error means that the terminal is gone.
            _ = TerminalCalls.SetModes(_input, TerminalCalls.AfterOutput, _modes);
            _progress.Resume();
        }
    }

    /// <inheritdoc/>
    public async Task<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken) =>
        await (await _keys.Task.WaitAsync(cancellationToken)).ReadAsync(cancellationToken);

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> output)
    {
        while (!output.IsEmpty)
        {
            var count = TerminalCalls.Write(_output, output, output.Length);
            if (count >= 0)
            {
                output = output[(int)count..];
                continue;
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case Interrupted: break;
                case TryAgain: WaitForRoom(); break;
                default: throw Failed("it can't be written");
            }
        }
    }

    /// <inheritdoc/>
    public async Task<TerminalSize> NextSizeAsync(CancellationToken cancellationToken)
    {
        await _resized.Reader.ReadAsync(cancellationToken);
        return Size;
    }

    /// <inheritdoc/>
    public async Task<bool> AskToDiscardAsync(ShellEnd outcome, CancellationToken cancellationToken)
    {
        using var lines = new TerminalInput(_input);
        while (true)
        {
            Write(Encoding.UTF8.GetBytes(Question(outcome)));
            ReadOnlyMemory<byte> line = default;
            try
            {
                line = await lines.ReadAsync(cancellationToken);
            }
            finally
            {
                // Ctrl-D and Ctrl-C leave the cursor behind the question.
                if (line.IsEmpty) Write("\n"u8);
            }

            if (Answer(Encoding.UTF8.GetString(line.Span)) is { } isDiscarded) return isDiscarded;
        }
    }

    /// <summary>The question after a shell that failed.</summary>
    internal static string Question(ShellEnd outcome)
    {
        var cause = outcome switch
        {
            { OutOfMemory: true } => "The guest ran out of memory, and the shell",
            { NoSpace: true } => "The guest's disk is full, and the shell",
            _ => "The shell",
        };
        return string.Create(CultureInfo.InvariantCulture, $"{cause} ended with status {outcome.Status}. Throw its changes away? [y/N] ");
    }

    /// <summary>Parses an answer. No answer keeps the changes. Null for anything that is no answer.</summary>
    internal static bool? Answer(string line) => line.Trim().ToUpperInvariant() switch
    {
        "Y" or "YES" => true,
        "" or "N" or "NO" => false,
        _ => null,
    };

    private void Reopen()
    {
        lock (OpenLock)
        {
            if (_opened != this) return;
            MakeRaw();
            _resized.Writer.TryWrite(true);
        }
    }

    private void MakeRaw()
    {
        Span<byte> raw = [.. _modes];
        TerminalCalls.MakeRaw(raw);
        if (TerminalCalls.SetModes(_input, TerminalCalls.AfterOutput, raw) < 0) throw Failed("its modes can't be set");
    }

    private void WaitForRoom()
    {
        Span<TerminalCalls.PolledFile> files = [new() { Descriptor = _output.DangerousGetHandle().ToInt32(), Events = TerminalCalls.PollOut }];
        _ = TerminalCalls.Poll(files, 1, Forever);
    }

    private static IOException Failed(string what) => new($"The terminal can't be used: {what}: {Marshal.GetLastPInvokeErrorMessage()}");
}
