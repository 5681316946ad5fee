using System.Globalization;
using OverlayImg.Caching;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Sessions;
using OverlayImg.Sandbox;
using OverlayImg.Sandbox.Accelerators;
using OverlayImg.Sandbox.Guests;
using OverlayImg.Sandbox.Qemu;

namespace OverlayImg.Builders;

/// <summary>Looks at what the tool needs on this machine. KVM is judged by a guest that becomes READY on it, and nothing less.</summary>
public static class Doctor
{
    // A guest of 8 GiB that is used up, and its layer.
    private const long ComfortableSpace = 20L << 30;
    private const long LeastSpace = 1L << 30;

    /// <summary>Examines the machine; takes as long as two guests take to start.</summary>
    public static async Task<IReadOnlyList<Finding>> ExamineAsync(Session session)
    {
        // A cache that can't be used is told before anything else is tried.
        _ = session.Scratch;
        var findings = new List<Finding> { FindQemu(), FindGuestImage() };
        if (findings.TrueForAll(finding => finding.Health == Health.Good))
        {
            session.Step("Starting a guest without KVM, and one with it");
            findings.AddRange(await TryAcceleratorsAsync(session));
        }
        else
        {
            findings.Add(new("KVM", Health.Limited, "not tried: there is no guest to start"));
        }

        findings.Add(FindSpace(session.Cache.Directory));
        findings.Add(Library("liblzma", Decompression.XzVersion, "liblzma5", "archives compressed by xz"));
        return findings;
    }

    private static Finding FindQemu()
    {
        try
        {
            var emulator = Emulator.Find();
            return new("QEMU", Health.Good, $"{emulator.Version} ({emulator.Path})");
        }
        catch (MachineException exception)
        {
            return new("QEMU", Health.Missing, exception.Message, exception.Advice);
        }
    }

    private static Finding FindGuestImage()
    {
        try
        {
            return new("guest image", Health.Good, GuestImage.Find().KernelPath);
        }
        catch (MachineException exception)
        {
            return new("guest image", Health.Missing, exception.Message, exception.Advice);
        }
    }

    private static async Task<IEnumerable<Finding>> TryAcceleratorsAsync(Session session)
    {
        // One after the other: two guests at once would slow each other and tell less. KVM gets as long as TCG took: where it needs longer,
        // runs that may choose take TCG.
        var tcg = await TryAsync(Accelerator.Tcg, null);
        var kvm = await TryAsync(Accelerator.Kvm, tcg.TimeToReady);
        return
        [
            new("KVM", kvm.Works ? Health.Good : Health.Limited, Text(kvm),
                kvm.Works ? null : "Guests run on TCG instead, which takes longer but gives the same layers.") { Slowdown = kvm.Slowdown },
            new("TCG", tcg.Works ? Health.Good : kvm.Works ? Health.Limited : Health.Missing, Text(tcg),
                tcg.Works ? null : new("Run again with details, and report what it says.", BuilderSetting.Details)) { Slowdown = tcg.Slowdown },
        ];

        static string Text(AcceleratorReport report) => report.Slowdown is not { } slowdown ? report.Explanation : string.Create(
            CultureInfo.InvariantCulture, $"{report.Explanation}; a loop of bash takes {slowdown:0.0} times as long in it as on this machine");

        Task<AcceleratorReport> TryAsync(Accelerator accelerator, TimeSpan? patience) =>
            AcceleratorProbe.TryAsync(
                new()
                {
                    Image = GuestImage.Find(),
                    ScratchPath = session.Scratch.NewPath("guest"),
                    CachePath = session.Cache.Directory,
                    BootTimeout = patience,
                },
                accelerator, session.CancellationToken);
    }

    private static Finding FindSpace(string cacheDirectory)
    {
        var free = new DriveInfo(cacheDirectory).AvailableFreeSpace;
        var text = string.Create(CultureInfo.InvariantCulture, $"{free / (double)(1L << 30):0.0} GiB free in {cacheDirectory}");
        return free >= ComfortableSpace ? new("disk space", Health.Good, text)
            : new("disk space", free >= LeastSpace ? Health.Limited : Health.Missing, text,
                new("Disks of guests and unpacked layers go there; choose another place for the cache.", CacheSetting.Directory));
    }

    private static Finding Library(string name, string? version, string package, string uses) => version is not null
        ? new(name, Health.Good, version)
        : new(name, Health.Limited, $"not installed: {uses} can't be read", $"Install it: 'apt-get install {package}' (Debian, Ubuntu).");
}
