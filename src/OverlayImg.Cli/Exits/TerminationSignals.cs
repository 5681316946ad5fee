using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace OverlayImg.Cli.Exits;

/// <summary>A signal that asks the tool to end.</summary>
/// <param name="Name">Name of the signal, such as "SIGTERM".</param>
/// <param name="ExitCode">The exit code of the tool after this signal.</param>
internal sealed record TerminationSignal(string Name, int ExitCode);

/// <summary>
/// Handles the signals that ask the tool to end. The first signal cancels the verb: the verb ends its guest and removes the files that it wrote.
/// A second signal, or a clean-up of more than 10 seconds, raises <see cref="Hurried"/>. The handlers stay until the process ends, because the
/// default action of a late signal would turn the exit code of a complete run into a failure.
/// </summary>
[SuppressMessage(
    "Design", "CA1001:Types that own disposable fields should be disposable", Justification = "The signals are handled until the process ends.")]
internal sealed class TerminationSignals
{
    // SIGXFSZ of Linux has this number on every architecture of .NET. The runtime has no name for the signal.
    private const PosixSignal FileSizeLimit = (PosixSignal)25;
    private const int HangUpNumber = 1;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _cancellation = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private TerminationSignal? _received;
    private Timer? _impatience;

    private TerminationSignals()
    {
    }

    /// <summary>Raised, on another thread, when the tool has to end without waiting for the clean-up.</summary>
    public event Action? Hurried;

    /// <summary>A token that the first signal cancels.</summary>
    public CancellationToken Token => _cancellation.Token;

    /// <summary>The first signal that arrived; null before one arrives.</summary>
    public TerminationSignal? Received => Volatile.Read(ref _received);

    /// <summary>Installs the signal handlers.</summary>
    public static TerminationSignals Install()
    {
        var signals = new TerminationSignals();
        signals.Hear(PosixSignal.SIGINT, new("SIGINT", ExitCodes.Interrupted));
        signals.Hear(PosixSignal.SIGTERM, new("SIGTERM", ExitCodes.Terminated));
        // nohup(1) starts the tool with SIGHUP ignored, which must stay so.
        if (!IsIgnored(HangUpNumber)) signals.Hear(PosixSignal.SIGHUP, new("SIGHUP", ExitCodes.HungUp));
        // The default action ends the process. Without it, a write beyond the file size limit (ulimit -f) fails like one on a full disk.
        signals._registrations.Add(PosixSignalRegistration.Create(FileSizeLimit, context => context.Cancel = true));
        return signals;
    }

    private void Hear(PosixSignal number, TerminationSignal signal) => _registrations.Add(PosixSignalRegistration.Create(number, context =>
    {
        context.Cancel = true;
        if (Interlocked.CompareExchange(ref _received, signal, null) is not null)
        {
            Hurried?.Invoke();
            return;
        }

        _impatience = new(_ => Hurried?.Invoke(), null, Patience, Timeout.InfiniteTimeSpan);
        // Exceptions of callbacks are ignored here: the cancelled work reports its own failure.
        _ = _cancellation.CancelAsync();
    }));

    // proc(5): SigIgn is a mask in hexadecimal digits, with signal 1 in the lowest bit.
    private static bool IsIgnored(int number)
    {
        const string Field = "SigIgn:";
        try
        {
            var line = File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith(Field, StringComparison.Ordinal));
            return line is not null && (Convert.ToUInt64(line[Field.Length..].Trim(), 16) >> (number - 1) & 1) != 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Without /proc the state is unknown, and the signal is handled.
            return false;
        }
    }
}
