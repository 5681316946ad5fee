using System.Globalization;
using OverlayImg.Caching;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Sessions;
using OverlayImg.Sandbox;
using OverlayImg.Sandbox.Accelerators;
using OverlayImg.Sandbox.Guests;
using OverlayImg.Sandbox.Qemu;

namespace OverlayImg.Builders;

/// <summary>Checks whether this machine has what the tool needs. KVM counts as working only if a guest boots with it.</summary>
public static class Doctor
{
    // Enough for a guest's disk of 8 GiB that is full, and for the layer made from it.
    private const long ComfortableSpace = 20L << 30;
    private const long LeastSpace = 1L << 30;

    /// <summary>Checks the machine, which takes as long as the boot of two guests.</summary>
    public static async Task<IReadOnlyList<Finding>> ExamineAsync(Session session)
    {
        // This throws for an unusable cache before anything else is checked.
        _ = session.Scratch;
        var findings = new List<Finding> { FindQemu(), FindGuestImage() };
        if (findings.TrueForAll(finding => finding.Health == Health.Good))
        {
            session.Step("Starting a guest without KVM, and one with it");
            findings.AddRange(await TryAcceleratorsAsync(session));
        }
        else
        {
            findings.Add(new("KVM", Health.Limited, "not checked, because no guest can be started"));
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
        // The guests boot one after the other, because they would slow each other down. KVM gets as much time as TCG took: if it needs more,
        // runs that choose automatically use TCG.
        var tcg = await TryAsync(Accelerator.Tcg, null);
        var kvm = await TryAsync(Accelerator.Kvm, tcg.TimeToReady);
        return
        [
            new("KVM", kvm.Works ? Health.Good : Health.Limited, Text(kvm),
                kvm.Works ? null : "Guests run on TCG instead, which takes longer but gives the same layers.") { Slowdown = kvm.Slowdown },
            new("TCG", tcg.Works ? Health.Good : kvm.Works ? Health.Limited : Health.Missing, Text(tcg),
                tcg.Works ? null : new("Run the command again with details, and report the output.", BuilderSetting.Details))
                {
                    Slowdown = tcg.Slowdown,
                },
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
                new("Disks of guests and unpacked layers need this space. Choose another directory for the cache.", CacheSetting.Directory));
    }

    private static Finding Library(string name, string? version, string package, string uses) => version is not null
        ? new(name, Health.Good, version)
        : new(name, Health.Limited, $"not installed: {uses} can't be read", $"Install it: 'apt-get install {package}' (Debian, Ubuntu).");
}
