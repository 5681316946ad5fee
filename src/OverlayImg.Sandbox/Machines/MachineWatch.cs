using System.Globalization;
using System.Text.Json;
using OverlayImg.Sandbox.Accelerators;
using OverlayImg.Sandbox.Errors;
using OverlayImg.Sandbox.Qemu;
using OverlayImg.Sandbox.Qmp;
using OverlayImg.Sandbox.Settings;

namespace OverlayImg.Sandbox.Machines;

/// <summary>
/// Finds out why a machine failed, from QEMU's events, its exit status, its own words and the guest's console: one sentence for each cause,
/// and what helps.
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
        "Look for errors of the disk that the cache is on, choose another place for the cache, or do without saved guests.",
        GuestSetting.CachePath, GuestSetting.WarmStart);

    private volatile GuestException? _trouble;
    private volatile bool _isQuitting;

    /// <summary>Whether QEMU told of something that the guest can't be blamed for, and that nothing good can follow.</summary>
    public bool HasTrouble => _trouble is not null;

    /// <summary>
    /// QEMU is about to be told to quit. It takes the drives away before it ends, and what the guest still asks of them (a flush, a read ahead)
    /// fails for want of a medium: no disk of ours is in that event, and nothing of the job is lost.
    /// </summary>
    public void ExpectQuit() => _isQuitting = true;

    /// <summary>Follows QEMU's events until it ends, and ends it when it tells of trouble.</summary>
    public async Task FollowAsync(QmpClient monitor)
    {
        await foreach (var happened in monitor.Events.ReadAllAsync())
        {
            var trouble = happened.Name switch { "BLOCK_IO_ERROR" when !IsDriveGone(happened) => DiskTrouble(happened), "STOP" => await StopTroubleAsync(monitor), _ => null };
            if (trouble is null) continue;
            _trouble ??= trouble;
            process.Kill();
        }
    }

    /// <summary>Why the machine ended without a result.</summary>
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

        if (process.Killed || !process.Ended.IsCompletedSuccessfully) return Failed("QEMU closed the guest's ports, and did not end");
        return process.Ended.Result switch
        {
            0 => Failed("The guest powered off without a result", isPowerOff: true),
            SignalBase + SigKill => Failed("QEMU was killed by signal 9, most likely by the host's out-of-memory killer", HostMemoryAdvice),
            SignalBase + SigBus => Failed("QEMU was ended by signal 7: the host could not give it a part of the guest's memory", CacheAdvice, ofMemoryFile: true),
            > SignalBase and var status => Failed($"QEMU was ended by signal {Number(status - SignalBase)}"),
            var status when IsMissingMemoryFile() => Failed($"QEMU can't use a file as the guest's memory (exit status {Number(status)})", CacheAdvice, ofMemoryFile: true),
            var status when IsMissingMemory() => Failed($"QEMU has not enough memory (exit status {Number(status)})", HostMemoryAdvice),
            var status => Failed($"QEMU ended with exit status {Number(status)}"),
        };
    }

    /// <summary>The guest said something that the protocol does not know.</summary>
    public GuestException ProtocolError(InvalidDataException exception) =>
        new($"The guest broke the protocol: it sent {exception.Message}", exception) { Advice = ImageAdvice, ConsoleTail = Console() };

    /// <summary>The guest is made for another version of the protocol.</summary>
    public static GuestException WrongVersion(int guest, int tool) =>
        new($"The guest image speaks version {Number(guest)} of the protocol, this tool version {Number(tool)}") { Advice = ImageAdvice };

    /// <summary>The guest itself told that it can't do its part.</summary>
    public GuestException GuestError(string sentence) => new($"The guest can't do the job: {sentence}") { ConsoleTail = Console(), IsToldByGuest = true };

    /// <summary>The guest is not READY in time. <paramref name="monitor"/> tells what QEMU thinks of it, where it was reached.</summary>
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

    private bool IsDriveGone(QmpEvent happened) => _isQuitting && Disk(happened) is null;

    // Every disk that we plug has a name, and QEMU tells it as long as the disk is in its drive.
    private static string? Disk(QmpEvent happened) => happened.Text("node-name") is { Length: > 0 } node ? node : null;

    private static GuestException DiskTrouble(QmpEvent happened)
    {
        var disk = Disk(happened) ?? "unknown";
        var (operation, reason) = (happened.Text("operation") ?? "use", happened.Text("reason") ?? "input/output error");
        // The event's flag 'nospace' is only set where QEMU is to stop the guest; its words (in the C locale, see QemuProcess) always tell.
        if (reason is "No space left on device" or "Disk quota exceeded")
        {
            return new($"The host's disk is full: the guest's disk '{disk}' could not grow")
            {
                Advice = new("Make room where the cache is, or choose another place for the cache.", GuestSetting.CachePath),
            };
        }

        return new($"QEMU could not {operation} the guest's disk '{disk}': {reason}") { Advice = "Look for errors of the host's disk." };
    }

    // Stopping because it was told to (see GuestDisk) is no trouble: it shows as another status.
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

    // Some file systems can't be mapped, and some hosts hide their processes' files.
    private bool IsMissingMemoryFile() => QemuErrors().Any(line => line.Contains("backing store", StringComparison.Ordinal));

    private bool IsMissingMemory() => QemuErrors().Any(line =>
        line.Contains("Cannot allocate memory", StringComparison.Ordinal) || line.Contains("cannot set up guest memory", StringComparison.Ordinal));

    private GuestException Failed(string what, Advice? advice = null, bool ofMemoryFile = false, bool isPowerOff = false) =>
        new(what) { Advice = advice, QemuErrors = QemuErrors(), ConsoleTail = Console(), IsOfMemoryFile = ofMemoryFile, IsPowerOff = isPowerOff };

    private IReadOnlyList<string> QemuErrors() => process.Errors.LastLines(DiagnosticOutput.QemuLines);

    private IReadOnlyList<string> Console() => process.Console.LastLines(DiagnosticOutput.ConsoleLines);
}
