using System.Text.Json.Nodes;
using OverlayImg.Sandbox.Accelerators;
using OverlayImg.Sandbox.Qemu;
using OverlayImg.Testing;

namespace OverlayImg.Sandbox.Tests.Qemu;

public sealed class QemuCommandLineTests
{
    private static readonly QemuCommandLine Tcg = new("/g/vmlinux", "/g/initramfs", Accelerator.Tcg, 512, 1, Network: false, SystemCallFilter: true);

    [Fact]
    public void Exactly_one_accelerator_is_named_with_a_processor_that_fits_it()
    {
        Assert.Equal(["tcg,thread=multi"], Values(Tcg, "-accel"));
        Assert.Equal(["max,la57=off"], Values(Tcg, "-cpu"));
        Assert.Equal(["kvm"], Values(Tcg with { Accelerator = Accelerator.Kvm }, "-accel"));
        Assert.Equal(["host"], Values(Tcg with { Accelerator = Accelerator.Kvm }, "-cpu"));
    }

    [Fact]
    public void Memory_and_processors_are_those_of_the_settings()
    {
        var arguments = Tcg with { MemoryMiB = 3000, Cpus = 4 };
        Assert.Equal(["size=3000M"], Values(arguments, "-m"));
        Assert.Equal(["cpus=4"], Values(arguments, "-smp"));
        // Without ACPI's interrupt tables the kernel finds only one processor.
        Assert.DoesNotContain("acpi=noirq", Values(arguments, "-append").Single(), StringComparison.Ordinal);
        Assert.Contains("acpi=noirq", Values(Tcg, "-append").Single(), StringComparison.Ordinal);
        Assert.Equal(["tcg,thread=multi"], Values(arguments, "-accel"));
        Assert.Equal(["tcg,thread=single"], Values(arguments with { ProcessorsTakeTurns = true }, "-accel"));
    }

    [Fact]
    public void Only_an_emulated_guest_goes_without_address_space_randomisation()
    {
        Assert.Contains("norandmaps", Values(Tcg, "-append").Single().Split(' '));
        Assert.DoesNotContain("norandmaps", Values(Tcg with { Accelerator = Accelerator.Kvm }, "-append").Single().Split(' '));
    }

    [Fact]
    public void There_is_a_network_only_on_request()
    {
        Assert.DoesNotContain(Tcg.Arguments(), argument => argument.Contains("net", StringComparison.Ordinal));
        Assert.Equal(["user,id=net,restrict=off"], Values(Tcg with { Network = true }, "-netdev"));
    }

    [Fact]
    public void No_disk_and_no_directory_of_the_host_is_shared_at_the_start()
    {
        string[] sharing = ["-drive", "-fsdev", "-virtfs", "-hda", "-cdrom"];
        Assert.DoesNotContain(Tcg.Arguments(), sharing.Contains);
        // The slots for disks are empty.
        var nodes = Values(Tcg, "-blockdev").Select(node => JsonNode.Parse(node)!.AsObject()).ToArray();
        var empty = nodes.Where(node => (string?)node["driver"] is "null-co").Select(node => (string?)node["node-name"]).ToArray();
        Assert.NotEmpty(empty);
        Assert.All(nodes, node => Assert.True((string?)node["driver"] is "null-co" || empty.Contains((string?)node["file"]), node.ToJsonString()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_memory_file_has_the_guests_size_and_is_shared_only_on_request(bool shared)
    {
        var arguments = Tcg.MemoryFile("/a,b=c/memory", shared).ToList();
        var backend = JsonNode.Parse(arguments[arguments.IndexOf("-object") + 1])!;
        Assert.Equal((512L << 20, "/a,b=c/memory", shared), ((long)backend["size"]!, (string?)backend["mem-path"], (bool)backend["share"]!));
        Assert.Equal($"memory-backend={backend["id"]}", arguments[arguments.IndexOf("-machine") + 1]);
    }

    [Fact]
    public void A_comma_in_a_path_adds_no_setting()
    {
        var arguments = Tcg with { KernelPath = "/a,b=c/vmlinux", InitramfsPath = "/a,b=c/initramfs" };
        Assert.Equal(["/a,b=c/vmlinux"], Values(arguments, "-kernel"));
        Assert.Equal(["/a,b=c/initramfs"], Values(arguments, "-initrd"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task QEMU_accepts_every_argument(bool network)
    {
        // QEMU creates the machine, writes its description to a file, and ends.
        using var directory = new TemporaryDirectory();
        var guest = Guests.TestGuest.Image;
        var commandLine = Tcg with { KernelPath = guest.KernelPath, InitramfsPath = guest.InitramfsPath, Network = network };
        var arguments = commandLine.Arguments().Select(WithoutSocket);
        string[] end = ["-dump-vmstate", directory["vmstate"]];
        var result = await Tool.RunAsync("qemu-system-x86_64", [.. arguments, .. end], cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("", result.StandardError);
        Assert.Equal(0, result.ExitCode);
    }

    private static string WithoutSocket(string argument) =>
        argument.StartsWith("socket,id=", StringComparison.Ordinal) ? "null," + argument.Split(',')[1] : argument;

    private static string[] Values(QemuCommandLine commandLine, string option)
    {
        var arguments = commandLine.Arguments();
        return [.. Enumerable.Range(1, arguments.Count - 1).Where(index => arguments[index - 1] == option).Select(index => arguments[index])];
    }
}
