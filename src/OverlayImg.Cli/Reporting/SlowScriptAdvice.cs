using System.Globalization;
using OverlayImg.Caching;
using OverlayImg.Layers.Guests;
using OverlayImg.Sandbox.Accelerators;

namespace OverlayImg.Cli.Reporting;

/// <summary>A line after scripts that took long on TCG: the duration, and how to make scripts faster on this machine.</summary>
internal static class SlowScriptAdvice
{
    private const string OwnSpeed = "on KVM, scripts run at nearly the machine's own speed";
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(5);

    /// <summary>Prints the line, unless each of its causes was printed today before.</summary>
    public static void Show(GuestRun run, Cache cache, Reporter reporter)
    {
        if (!reporter.ShowsLines || run.Accelerator != Accelerator.Tcg.Name() || run.ScriptTime < Long) return;
        var told = new ToldToday(cache, TimeProvider.System);
        var causes = Causes(run, KvmDevice.Open()).Where(cause => told.IsNews(cause.Name)).Select(cause => cause.Advice).ToList();
        if (causes.Count == 0) return;
        var seconds = run.ScriptTime.TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
        reporter.Line($"The scripts took {seconds} s on TCG, QEMU's emulator. {string.Join(' ', causes)}");
    }

    private static IEnumerable<(string Name, string Advice)> Causes(GuestRun run, KvmDevice kvm)
    {
        yield return kvm switch
        {
            { Access: KvmAccess.Missing } => ("kvm-missing", $"This machine has no {KvmDevice.Path}: {OwnSpeed}."),
            { Access: KvmAccess.Denied, Group: { } group } => ("kvm-denied",
                $"This user may not open {KvmDevice.Path}: {OwnSpeed}. 'sudo usermod -aG {group} $USER' allows it after the next login."),
            { Access: KvmAccess.Denied } => ("kvm-denied", $"Only root may open {KvmDevice.Path}: {OwnSpeed}."),
            { Access: KvmAccess.Broken } => ("kvm-broken", $"{kvm.Reason}; {OwnSpeed}."),
            _ when run.TcgWasChosen => ("tcg-chosen", $"--accel auto tries {KvmDevice.Path}: {OwnSpeed}."),
            _ => ("kvm-fails", $"{KvmDevice.Path} opens, but no guest boots on it; 'overlayimg doctor' tells why: {OwnSpeed}."),
        };
        if (run is { Network: true, HasCacheMounts: false })
            yield return ("downloads", "--cache-mount NAME:DST keeps downloaded packages for the next run.");
    }
}
