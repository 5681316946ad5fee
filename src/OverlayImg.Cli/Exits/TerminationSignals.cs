using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace OverlayImg.Cli.Exits;

/// <summary>A signal that asks the tool to end.</summary>
/// <param name="Name">Its name: "SIGTERM".</param>
/// <param name="ExitCode">The exit code of a tool that it ended.</param>
internal sealed record TerminationSignal(string Name, int ExitCode);

/// <summary>
/// Hears the signals that ask the tool to end. The first signal cancels the verb: the verb ends its guest and removes what it wrote. A second signal, or a clean-up
/// that takes too long, calls <see cref="Hurried"/>. The signals are heard until the process is gone: the default action of a late signal would end a tool whose
/// output is complete with the exit code of a failure.
/// </summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "The signals are heard until the process is gone.")]
internal sealed class TerminationSignals
{
    // SIGXFSZ of Linux, on every architecture that .NET runs on. The runtime has no name for it.
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

    /// <summary>Is called, on another thread, when the tool has to end without waiting.</summary>
    public event Action? Hurried;

    /// <summary>Is cancelled by the first signal.</summary>
    public CancellationToken Token => _cancellation.Token;

    /// <summary>The first signal that came; null as long as none did.</summary>
    public TerminationSignal? Received => Volatile.Read(ref _received);

    /// <summary>Begins to hear them.</summary>
    public static TerminationSignals Install()
    {
        var signals = new TerminationSignals();
        signals.Hear(PosixSignal.SIGINT, new("SIGINT", ExitCodes.Interrupted));
        signals.Hear(PosixSignal.SIGTERM, new("SIGTERM", ExitCodes.Terminated));
        // nohup(1) has it ignored, and so it stays.
        if (!IsIgnored(HangUpNumber)) signals.Hear(PosixSignal.SIGHUP, new("SIGHUP", ExitCodes.HungUp));
        // Without its default action a write beyond the limit (ulimit -f) fails with an error, as on a full disk.
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
        // What fails while others cancel is theirs to tell.
        _ = _cancellation.CancelAsync();
    }));

    // proc(5): a mask in hexadecimal digits, signal 1 in the lowest bit.
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
            // Without /proc nothing tells it.
            return false;
        }
    }
}
