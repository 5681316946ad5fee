using OverlayImg.Sandbox.Accelerators;
using OverlayImg.Sandbox.Errors;
using OverlayImg.Sandbox.Guests;
using OverlayImg.Sandbox.Qemu;
using OverlayImg.Sandbox.Settings;
using OverlayImg.Sandbox.Tests.Fakes;
using OverlayImg.Testing;

namespace OverlayImg.Sandbox.Tests.Guests;

/// <summary>The choice between KVM and TCG, on every machine and with this machine's KVM (working, broken or missing).</summary>
public sealed class AcceleratorTests(KvmOfThisMachine kvm) : IClassFixture<KvmOfThisMachine>, IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Auto_uses_an_accelerator_that_works_and_remembers_it()
    {
        var first = new Watch();
        await using (var guest = await StartAsync(first)) Assert.Equal(kvm.Works ? Accelerator.Kvm : Accelerator.Tcg, guest.Accelerator);
        Assert.True(first.Notices.Count == (kvm.Works ? 0 : 1), string.Join('\n', first.Notices));
        Assert.All(first.Notices, notice => Assert.StartsWith("KVM is not used: ", notice, StringComparison.Ordinal));

        var second = new Watch();
        await using (var guest = await StartAsync(second)) Assert.Equal([guest.Accelerator], second.Booted);
        Assert.Empty(second.Notices);
    }

    [Fact]
    public async Task Kvm_alone_never_falls_back()
    {
        var options = TestGuest.Options(_directory["scratch"], AcceleratorChoice.Kvm) with { BootTimeout = TimeSpan.FromSeconds(kvm.Works ? 60 : 3) };
        if (kvm.Works)
        {
            await using var guest = await GuestStarter.StartAsync(options, null, Token);
            Assert.Equal(Accelerator.Kvm, guest.Accelerator);
            return;
        }

        var exception = await Assert.ThrowsAsync<GuestException>(() => GuestStarter.StartAsync(options, null, Token));
        Assert.StartsWith("KVM does not work: ", exception.Message, StringComparison.Ordinal);
        Assert.Equal([GuestSetting.Accelerator], exception.Advice!.Settings);
    }

    [Fact]
    public async Task A_QEMU_that_fails_on_KVM_at_once_is_followed_by_TCG()
    {
        var watch = new Watch();
        await using var guest = await StartAsync(watch, await WithKvmThatAsync("echo 'no KVM today' >&2; exit 1"));
        Assert.Equal(Accelerator.Tcg, guest.Accelerator);
        Assert.Single(watch.Notices);
    }

    [Fact]
    public async Task A_QEMU_that_hangs_on_KVM_is_ended_when_TCG_is_READY()
    {
        var watch = new Watch();
        // Disposing waits for the guest that lost. If only its boot timeout ended that guest, the test would take an hour.
        await using (var guest = await StartAsync(watch, await WithKvmThatAsync("exec sleep 7200"), TimeSpan.FromHours(1)))
        {
            Assert.Equal(Accelerator.Tcg, guest.Accelerator);
        }

        Assert.Single(watch.Notices);
        Assert.Empty(Directory.GetFileSystemEntries(_directory["scratch"]));
    }

    [Fact]
    public async Task When_both_fail_the_error_is_that_of_TCG()
    {
        var qemu = await FakeQemu.InstallAsync(_directory.Path, "fails");
        var exception = await Assert.ThrowsAsync<GuestException>(() => StartAsync(new Watch(), qemu));
        Assert.Equal("QEMU ended with exit status 1", exception.Message);
        Assert.Empty(Directory.GetFileSystemEntries(_directory["scratch"]));
    }

    [Fact]
    public async Task A_hung_boot_of_several_emulated_processors_is_repeated_with_one_thread()
    {
        var qemu = _directory["qemu"];
        await TestProgram.WriteAsync(qemu, """
            #!/bin/sh
            case "$*" in *thread=multi*) exec sleep 7200 ;; esac
            exec qemu-system-x86_64 "$@"

            """);
        var watch = new Watch();
        var options = TestGuest.Options(_directory["scratch"]) with { Cpus = 2, Qemu = qemu, ParallelBootTimeout = TimeSpan.FromSeconds(1) };
        await using (await GuestStarter.StartAsync(options, watch, Token))
            Assert.Contains("take turns", watch.Notices.Single(), StringComparison.Ordinal);

        var limited = options with { BootTimeout = TimeSpan.FromSeconds(1) };
        await Assert.ThrowsAsync<GuestTimeoutException>(() => GuestStarter.StartAsync(limited, null, Token));
        Assert.Empty(Directory.GetFileSystemEntries(_directory["scratch"]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task An_emulated_guest_that_powers_off_while_it_boots_is_started_once_more(int failures)
    {
        var qemu = _directory["qemu"];
        await TestProgram.WriteAsync(qemu, $$"""
            #!/bin/sh
            echo start >>'{{_directory["starts"]}}'
            [ "$(grep -c start '{{_directory["starts"]}}')" -gt {{failures}} ] || {
              echo 'error no driver'; echo '[    1.0] reboot: Power down'; exit 0
            }
            exec qemu-system-x86_64 "$@"

            """);
        var watch = new Watch();
        var options = TestGuest.Options(_directory["scratch"]) with { Qemu = qemu };
        if (failures == 1) await using (await GuestStarter.StartAsync(options, watch, Token)) Assert.Equal(Accelerator.Tcg, watch.Booted.Single());
        else
        {
            var exception = await Assert.ThrowsAsync<GuestException>(() => GuestStarter.StartAsync(options, watch, Token));
            Assert.Equal("The guest powered off without a result", exception.Message);
        }

        Assert.Equal("The guest powered off while it booted (error no driver); starting it once more", watch.Notices.Single());
        Assert.Equal(2, File.ReadAllLines(_directory["starts"]).Length);
        Assert.Empty(Directory.GetFileSystemEntries(_directory["scratch"]));
    }

    [Fact]
    public async Task The_probe_boots_a_guest()
    {
        var report = await AcceleratorProbe.TryAsync(TestGuest.Options(_directory["scratch"]), Accelerator.Tcg, Token);
        Assert.True(report.Works);
        Assert.StartsWith("a guest became READY on TCG in ", report.Explanation, StringComparison.Ordinal);
        Assert.Matches(@"^\d+\.\d+\.\d+$", report.QemuVersion);
        Assert.True(report.Slowdown > 0);
        Assert.Empty(Directory.GetFileSystemEntries(_directory["scratch"]));
    }

    [Theory]
    [InlineData("/dev/nowhere/kvm", "there is no /dev/nowhere/kvm: ")]
    [InlineData("/etc", "no permission for /etc, which only root may use: ")]
    public void A_device_that_does_not_open_says_why(string path, string beginning) =>
        Assert.StartsWith(beginning, KvmDevice.Open(path).Reason, StringComparison.Ordinal);

    [Theory]
    [InlineData("0770", "which belongs to the group 'adm': 'sudo usermod -aG adm $USER'")]
    [InlineData("0700", "which only root may use: ")]
    public async Task A_device_without_permission_names_the_group_that_has_it(string mode, string advice)
    {
        // A directory can't be opened for writing, not even by root.
        await Tool.BashAsync($"install -d -m {mode} -g adm device", _directory.Path);
        var device = KvmDevice.Open(_directory["device"]);
        Assert.Equal(KvmAccess.Denied, device.Access);
        Assert.Contains(advice, device.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mkfifo cache/accelerator")]
    [InlineData("mkdir -p cache/accelerator/in")]
    public async Task A_verdict_that_is_no_regular_file_is_replaced(string change)
    {
        await Tool.BashAsync($"mkdir -p cache; {change}", _directory.Path);
        var verdicts = new AcceleratorVerdicts(_directory["cache"], QemuProgram.Find().Identity, TestGuest.Image.Identity);
        Assert.Null(verdicts.Recall());
        verdicts.Remember(new(Accelerator.Kvm, ""));
        Assert.Equal(new(Accelerator.Kvm, ""), verdicts.Recall());
    }

    [Fact]
    public void A_damaged_or_outdated_verdict_is_ignored()
    {
        Directory.CreateDirectory(_directory["cache"]);
        var verdicts = new AcceleratorVerdicts(_directory["cache"], QemuProgram.Find().Identity, TestGuest.Image.Identity);
        Assert.Null(verdicts.Recall());
        verdicts.Remember(new(Accelerator.Tcg, "broken\nhere"));
        Assert.Equal(new(Accelerator.Tcg, "broken here"), verdicts.Recall());
        var file = Directory.GetFiles(_directory["cache"]).Single();
        var lines = File.ReadAllLines(file);
        File.WriteAllLines(file, ["0" + lines[0][1..], .. lines[1..]]);
        if (lines[0][0] != '0') Assert.Null(verdicts.Recall());
        File.WriteAllBytes(file, new byte[100_000]);
        Assert.Null(verdicts.Recall());
        verdicts.Remember(new(Accelerator.Kvm, ""));
        Assert.Equal(new(Accelerator.Kvm, ""), verdicts.Recall());
    }

    // A QEMU that runs a command instead of a guest on KVM. If /dev/kvm does not open, KVM is not tried, and guests start on TCG.
    private async Task<string> WithKvmThatAsync(string command)
    {
        var program = _directory["qemu"];
        await TestProgram.WriteAsync(program, $"""
            #!/bin/sh
            case "$*" in *'-accel kvm'*) {command};; esac
            exec qemu-system-x86_64 "$@"

            """);
        return program;
    }

    private Task<Guest> StartAsync(Watch watch, string? qemu = null, TimeSpan? bootTimeout = null)
    {
        var options = TestGuest.Options(_directory["scratch"], AcceleratorChoice.Auto);
        return GuestStarter.StartAsync(options with { CachePath = _directory["cache"], Qemu = qemu, BootTimeout = bootTimeout }, watch, Token);
    }

    private sealed class Watch : IProgress<GuestProgress>
    {
        public List<Accelerator> Booted { get; } = [];

        public List<string> Notices { get; } = [];

        public void Report(GuestProgress value)
        {
            if (value is GuestProgress.Booting { Accelerator: var accelerator }) Booted.Add(accelerator);
            if (value is GuestProgress.Notice { Text: var text }) Notices.Add(text);
        }
    }
}

/// <summary>Tries once whether a guest becomes READY on this machine's KVM, so that the tests know what to expect on every machine.</summary>
public sealed class KvmOfThisMachine : IAsyncLifetime
{
    public bool Works { get; private set; }

    public async ValueTask InitializeAsync()
    {
        using var directory = new TemporaryDirectory();
        var options = TestGuest.Options(directory.Path) with { BootTimeout = TimeSpan.FromSeconds(5) };
        Works = (await AcceleratorProbe.TryAsync(options, Accelerator.Kvm, CancellationToken.None)).Works;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
