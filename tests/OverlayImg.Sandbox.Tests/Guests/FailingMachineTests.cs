using OverlayImg.Sandbox.Errors;
using OverlayImg.Sandbox.Guests;
using OverlayImg.Sandbox.Settings;
using OverlayImg.Sandbox.Tests.Fakes;
using OverlayImg.Testing;

namespace OverlayImg.Sandbox.Tests.Guests;

/// <summary>Messages to the user when QEMU or the guest fails. The test's own executable plays QEMU.</summary>
public sealed class FailingMachineTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_QEMU_that_ends_at_once_is_quoted()
    {
        var exception = await Assert.ThrowsAsync<GuestException>(() => StartAsync("fails"));
        Assert.Equal("QEMU ended with exit status 1", exception.Message);
        Assert.Equal(["qemu-system-x86_64: something is wrong here"], exception.QemuErrors);
        Assert.Contains("something is wrong here", exception.Describe(), StringComparison.Ordinal);
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task A_QEMU_that_the_host_kills_points_at_the_hosts_memory()
    {
        var exception = await Assert.ThrowsAsync<GuestException>(() => StartAsync("is-killed"));
        Assert.StartsWith("QEMU was killed by signal 9", exception.Message, StringComparison.Ordinal);
        Assert.Equal([GuestSetting.Memory], exception.Advice!.Settings);
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task A_QEMU_that_hangs_runs_into_the_boot_timeout()
    {
        var exception = await Assert.ThrowsAsync<GuestTimeoutException>(() => StartAsync("hangs", TimeSpan.FromSeconds(1)));
        Assert.Equal("The guest did not become READY on TCG within 1 s (QEMU's status: not answering)", exception.Message);
        Assert.Equal([GuestSetting.BootTimeout], exception.Advice!.Settings);
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task A_damaged_driver_is_not_loaded_and_its_digest_is_on_the_console()
    {
        var image = Path.GetDirectoryName(TestGuest.Image.KernelPath);
        await Tool.BashAsync($"mkdir image; cp '{image}'/{{vmlinux,initramfs,guest-image.json}} image", _directory.Path);
        var initramfs = await File.ReadAllBytesAsync(_directory["image/initramfs"], Token);
        // In a newc archive a file's content follows its name. This byte is in the middle of the driver.
        initramfs[initramfs.AsSpan().IndexOf("modules/virtio_ring.ko\0"u8) + 10_000] ^= 1;
        await File.WriteAllBytesAsync(_directory["image/initramfs"], initramfs, Token);
        var options = TestGuest.Options(_directory["scratch"]) with { Image = GuestImage.Open(_directory["image"]) };
        var exception = await Assert.ThrowsAsync<GuestException>(() => GuestStarter.StartAsync(options, null, Token));
        Assert.Equal("The guest powered off without a result", exception.Message);
        Assert.Contains(
            exception.ConsoleTail,
            line => line.EndsWith("/modules/virtio_ring.ko can't be loaded: Key was rejected by service", StringComparison.Ordinal));
        Assert.Contains(exception.ConsoleTail, line => line.EndsWith("  /modules/virtio_ring.ko", StringComparison.Ordinal));
        const string again = "the kernel rejected the signature of the module /modules/virtio_ring.ko: trying again";
        Assert.Equal(3, exception.ConsoleTail.Count(line => line.EndsWith(again, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_QEMU_that_is_not_installed_is_named_with_its_package()
    {
        var options = TestGuest.Options(_directory.Path) with { Qemu = "qemu-system-of-nobody" };
        var exception = await Assert.ThrowsAsync<MachineException>(() => GuestStarter.StartAsync(options, null, Token));
        Assert.Equal("'qemu-system-of-nobody' is not installed", exception.Message);
        Assert.Contains("apt-get install qemu-system-x86", exception.Advice!.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_QEMU_without_system_call_filter_is_used_without_it()
    {
        await using var guest = await StartAsync("has-no-filter");
        Assert.Equal("1.2.3", guest.QemuVersion);
    }

    [Theory]
    [InlineData("babbles", "QEMU's monitor can't be understood: QEMU sent a line that is no JSON object")]
    [InlineData("speaks-version-1", "The guest image uses protocol version 1, but this tool needs version 7")]
    [InlineData("talks-nonsense", "The guest broke the protocol: it sent the line 'HELLO'")]
    public async Task A_guest_that_breaks_the_protocol_is_refused_before_it_has_a_job(string behaviour, string message)
    {
        var exception = await Assert.ThrowsAsync<GuestException>(() => StartAsync(behaviour));
        Assert.Equal(message, exception.Message);
        AssertNothingIsLeft();
    }

    [Theory]
    [InlineData("powers-off", "The guest powered off without a result")]
    [InlineData("panics", "The guest's kernel panicked: Attempted to kill init! exitcode=0x00000100")]
    [InlineData("has-a-full-host", "The host's disk is full: the guest's disk 'upper' could not grow")]
    [InlineData("fails-at-the-end", "The host's disk is full: the guest's disk 'upper' could not grow")]
    [InlineData("loses-a-drive", "QEMU could not write the guest's disk 'unknown': No medium found")]
    [InlineData("stops", "QEMU stopped the guest (internal-error)")]
    [InlineData("endless-line", "The guest broke the protocol: it sent a line of more than 1024 bytes")]
    public async Task A_job_that_fails_for_another_reason_than_its_script_has_its_own_message(string behaviour, string message)
    {
        await using (var guest = await StartAsync(behaviour))
        {
            var job = TestGuest.Job(_directory.Path, "true");
            var exception = await Assert.ThrowsAsync<GuestException>(() => guest.RunAsync(job, Stream.Null, null, Token));
            Assert.Equal(message, exception.Message);
        }

        AssertNothingIsLeft();
    }

    [Fact]
    public async Task A_script_that_takes_too_long_is_ended()
    {
        await using (var guest = await StartAsync("sleeps"))
        {
            var job = TestGuest.Job(_directory.Path, "sleep 1000") with { Timeout = TimeSpan.FromSeconds(5) };
            var exception = await Assert.ThrowsAsync<GuestTimeoutException>(() => guest.RunAsync(job, Stream.Null, null, Token));
            Assert.Equal("The job did not end within 5 s (phase 'script')", exception.Message);
            Assert.Equal(["waiting"], exception.LogTail);
        }

        AssertNothingIsLeft();
    }

    [Fact]
    public async Task Errors_of_disks_that_QEMU_detaches_when_it_quits_do_not_spoil_the_result()
    {
        await using (var guest = await StartAsync("quits-under-way"))
        {
            var result = await guest.RunAsync(TestGuest.Job(_directory.Path, "true"), Stream.Null, null, Token);
            Assert.Equal(0, result.Status);
        }

        AssertNothingIsLeft();
    }

    [Fact]
    public async Task All_output_arrives_even_if_its_reader_is_slower_than_the_guest()
    {
        using var log = new SlowStream();
        await using (var guest = await StartAsync("logs-much"))
        {
            await guest.RunAsync(TestGuest.Job(_directory.Path, "true"), log, null, Token);
        }

        Assert.Equal(string.Concat(Enumerable.Range(0, 100_000).Select(line => $"{line:d9}\n")), System.Text.Encoding.ASCII.GetString(log.ToArray()));
    }

    [Fact]
    public async Task A_closed_output_ends_the_job()
    {
        await using (var guest = await StartAsync("logs-much"))
        {
            await Assert.ThrowsAsync<IOException>(() => guest.RunAsync(TestGuest.Job(_directory.Path, "true"), new ClosedPipe(), null, Token));
        }

        AssertNothingIsLeft();
    }

    private async Task<Guest> StartAsync(string behaviour, TimeSpan? bootTimeout = null)
    {
        var qemu = await FakeQemu.InstallAsync(_directory.Path, behaviour);
        return await GuestStarter.StartAsync(TestGuest.Options(_directory["scratch"]) with { Qemu = qemu, BootTimeout = bootTimeout }, null, Token);
    }

    private void AssertNothingIsLeft() => Assert.Empty(Directory.GetFileSystemEntries(_directory["scratch"]));

    private sealed class SlowStream : MemoryStream
    {
        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Delay(20, cancellationToken);
            Write(buffer.Span);
        }
    }

    private sealed class ClosedPipe : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new IOException("Broken pipe");
    }
}
