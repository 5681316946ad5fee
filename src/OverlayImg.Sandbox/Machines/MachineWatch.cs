using System.Globalization;
using System.Text.Json;
using OverlayImg.Sandbox.Accelerators;
using OverlayImg.Sandbox.Errors;
using OverlayImg.Sandbox.Qemu;
using OverlayImg.Sandbox.Qmp;
using OverlayImg.Sandbox.Settings;

namespace OverlayImg.Sandbox.Machines;

/// <summary>
/// Diagnoses a failed machine from QEMU's events, exit status and standard error, and from the guest's console: one sentence for each cause, with
/// advice.
/// </summary>
internal sealed class MachineWatch(QemuProcess process)
{
    private const int SignalBase = 128;
    private const int SigBus = 7;
    private const int SigKill = 9;
    private const string ImageAdvice = "Use the guest image that came with the tool.";
    private const string PanicMark = "Kernel panic - not syncing";

    private static readonly Advice HostMemoryAdvice = new("Free memory on the host, or give the guest less memory.", GuestSetting.Memory);
    private static readonly Advice CacheAdvice = new(
        "Check the disk that holds the cache for errors, choose another place for the cache, or turn warm starts off.",
        GuestSetting.CachePath, GuestSetting.WarmStart);

    private volatile GuestException? _trouble;
    private volatile bool _isQuitting;

    /// <summary>Whether QEMU reported a failure that makes every result of the guest invalid.</summary>
    public bool HasTrouble => _trouble is not null;

    /// <summary>
    /// Announces that QEMU will be told to quit. QEMU then detaches the disks before it ends, and the guest's last requests (a flush, a read-ahead)
    /// fail with events that name no disk. These events are harmless, because the job has ended.
    /// </summary>
    public void ExpectQuit() => _isQuitting = true;

    /// <summary>Reads QEMU's events until QEMU ends, and kills QEMU when an event reports a failure.</summary>
    public async Task FollowAsync(QmpClient monitor)
    {
        await foreach (var qemuEvent in monitor.Events.ReadAllAsync())
        {
            var trouble = qemuEvent.Name switch
            {
                "BLOCK_IO_ERROR" when !IsDriveGone(qemuEvent) => DiskTrouble(qemuEvent),
                "STOP" => await StopTroubleAsync(monitor),
                _ => null,
            };
            if (trouble is null) continue;
            _trouble ??= trouble;
            process.Kill();
        }
    }

    /// <summary>Returns the reason why the machine ended without a result.</summary>
    public GuestException Failure()
    {
        if (_trouble is { } trouble) return new(trouble.Message) { Advice = trouble.Advice, QemuErrors = QemuErrors(), ConsoleTail = Console() };
        var panic = process.Console.LastLines(int.MaxValue).FirstOrDefault(line => line.Contains(PanicMark, StringComparison.Ordinal));
        if (panic is not null)
        {
            var reason = panic[(panic.IndexOf(PanicMark, StringComparison.Ordinal) + PanicMark.Length)..].TrimStart(':', ' ');
            var isMemory = reason.Contains("memory", StringComparison.OrdinalIgnoreCase);
            return Failed($"The guest's kernel panicked: {reason}", isMemory ? new("Give the guest more memory.", GuestSetting.Memory) : null);
        }

        if (process.Killed || !process.Ended.IsCompletedSuccessfully) return Failed("QEMU closed the guest's ports but did not end");
        return process.Ended.Result switch
        {
            0 => Failed("The guest powered off without a result", isPowerOff: true),
            SignalBase + SigKill => Failed("QEMU was killed by signal 9, most likely by the host's out-of-memory killer", HostMemoryAdvice),
            SignalBase + SigBus => Failed(
                "QEMU was ended by signal 7: the host could not give it a part of the guest's memory", CacheAdvice, ofMemoryFile: true),
            > SignalBase and var status => Failed($"QEMU was ended by signal {Number(status - SignalBase)}"),
            var status when IsMissingMemoryFile() => Failed(
                $"QEMU can't use a file as the guest's memory (exit status {Number(status)})", CacheAdvice, ofMemoryFile: true),
            var status when IsMissingMemory() => Failed($"QEMU does not have enough memory (exit status {Number(status)})", HostMemoryAdvice),
            var status => Failed($"QEMU ended with exit status {Number(status)}"),
        };
    }

    /// <summary>Creates the exception for a line that the protocol does not allow.</summary>
    public GuestException ProtocolError(InvalidDataException exception) =>
        new($"The guest broke the protocol: it sent {exception.Message}", exception) { Advice = ImageAdvice, ConsoleTail = Console() };

    /// <summary>Creates the exception for a guest image with another version of the protocol.</summary>
    public static GuestException WrongVersion(int guest, int tool) =>
        new($"The guest image uses protocol version {Number(guest)}, but this tool needs version {Number(tool)}") { Advice = ImageAdvice };

    public GuestException GuestError(string sentence) =>
        new($"The guest can't do the job: {sentence}") { ConsoleTail = Console(), IsToldByGuest = true };

    /// <summary>
    /// Creates the exception for a guest that is not READY in time. <paramref name="monitor"/> is asked for QEMU's status; null if QEMU has not
    /// connected.
    /// </summary>
    public async Task<GuestTimeoutException> BootTimeoutAsync(Accelerator accelerator, TimeSpan timeout, QmpClient? monitor)
    {
        var status = monitor is null ? "not answering" : await StatusAsync(monitor);
        var seconds = timeout.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
        return new($"The guest did not become READY on {accelerator.DisplayName()} within {seconds} s (QEMU's status: {status})")
        {
            Advice = new("Give the guest longer to start.", GuestSetting.BootTimeout),
            ConsoleTail = Console(),
        };
    }

    private bool IsDriveGone(QmpEvent qemuEvent) => _isQuitting && Disk(qemuEvent) is null;

    // Every disk has a node name, which QEMU adds to the event as long as the disk is attached.
    private static string? Disk(QmpEvent qemuEvent) => qemuEvent.Text("node-name") is { Length: > 0 } node ? node : null;

    private static GuestException DiskTrouble(QmpEvent qemuEvent)
    {
        var disk = Disk(qemuEvent) ?? "unknown";
        var (operation, reason) = (qemuEvent.Text("operation") ?? "use", qemuEvent.Text("reason") ?? "input/output error");
        // QEMU sets the event's flag 'nospace' only if it is configured to stop the guest. The reason is always set, in the C locale.
        if (reason is "No space left on device" or "Disk quota exceeded")
        {
            return new($"The host's disk is full: the guest's disk '{disk}' could not grow")
            {
                Advice = new("Make room where the cache is, or choose another place for the cache.", GuestSetting.CachePath),
            };
        }

        return new($"QEMU could not {operation} the guest's disk '{disk}': {reason}") { Advice = "Check the host's disk for errors." };
    }

    // A guest that was paused by the command 'stop' has the status 'paused', which is no failure.
    private static async Task<GuestException?> StopTroubleAsync(QmpClient monitor) =>
        await StatusAsync(monitor) is var status && status is "internal-error" or "io-error" or "guest-panicked"
            ? new GuestException($"QEMU stopped the guest ({status})")
            : null;

    private static async Task<string> StatusAsync(QmpClient monitor)
    {
        try
        {
            var answer = await monitor.ExecuteAsync("query-status").WaitAsync(TimeSpan.FromSeconds(1));
            return answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty("status", out var status) ? status.ToString() : "unknown";
        }
        catch (Exception exception) when (exception is QmpException or TimeoutException)
        {
            return "not answering";
        }
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    // Some file systems do not support mmap, and some hosts hide /proc/PID/fd of other processes.
    private bool IsMissingMemoryFile() => QemuErrors().Any(line => line.Contains("backing store", StringComparison.Ordinal));

    private bool IsMissingMemory() => QemuErrors().Any(line =>
        line.Contains("Cannot allocate memory", StringComparison.Ordinal) || line.Contains("cannot set up guest memory", StringComparison.Ordinal));

    private GuestException Failed(string what, Advice? advice = null, bool ofMemoryFile = false, bool isPowerOff = false) =>
        new(what) { Advice = advice, QemuErrors = QemuErrors(), ConsoleTail = Console(), IsOfMemoryFile = ofMemoryFile, IsPowerOff = isPowerOff };

    private IReadOnlyList<string> QemuErrors() => process.Errors.LastLines(DiagnosticOutput.QemuLines);

    private IReadOnlyList<string> Console() => process.Console.LastLines(DiagnosticOutput.ConsoleLines);
}
