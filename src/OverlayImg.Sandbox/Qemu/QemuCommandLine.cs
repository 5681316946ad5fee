using System.Globalization;
using System.Text.Json.Nodes;
using OverlayImg.Sandbox.Accelerators;

namespace OverlayImg.Sandbox.Qemu;

/// <summary>Computes QEMU's arguments (QEMU 7.2 or later) for one guest from its settings.</summary>
/// <param name="KernelPath">Absolute path of the kernel.</param>
/// <param name="InitramfsPath">Absolute path of the initramfs.</param>
/// <param name="Accelerator">
/// The only accelerator. QEMU accepts a list to fall back on, but processor model and kernel parameters must match the accelerator in use.
/// </param>
/// <param name="MemoryMiB">Memory of the guest in MiB.</param>
/// <param name="Cpus">Number of the guest's processors.</param>
/// <param name="Network">Whether the guest has a network card on QEMU's user-mode network.</param>
/// <param name="SystemCallFilter">Whether QEMU filters its own system calls (<c>-sandbox</c>), which not every build supports.</param>
internal sealed record QemuCommandLine(
    string KernelPath, string InitramfsPath, Accelerator Accelerator, int MemoryMiB, int Cpus, bool Network, bool SystemCallFilter)
{
    /// <summary>Names of the sockets in QEMU's current directory that QEMU connects to when it starts.</summary>
    public const string MonitorSocket = "qmp", ControlSocket = "control", LogSocket = "log";

    /// <summary>Name of the socket that QEMU writes its state to.</summary>
    public const string StateSocket = "state";

    /// <summary>Additional arguments for a QEMU that will be told to load a state.</summary>
    public static IReadOnlyList<string> Incoming => ["-incoming", "defer"];

    /// <summary>Additional arguments for a guest whose memory is a file.</summary>
    /// <param name="path">Path of the file. QEMU creates a missing file.</param>
    /// <param name="shared">Whether the guest's writes go to the file; otherwise they are private to this guest.</param>
    public IReadOnlyList<string> MemoryFile(string path, bool shared)
    {
        const string name = "ram";
        var backend = new JsonObject
        {
            ["qom-type"] = "memory-backend-file",
            ["id"] = name,
            ["size"] = (long)MemoryMiB << 20,
            ["mem-path"] = path,
            ["share"] = shared,
        };
        return ["-object", backend.ToJsonString(), "-machine", $"memory-backend={name}"];
    }

    /// <summary>The arguments, without the executable.</summary>
    public IReadOnlyList<string> Arguments() =>
    [
        // Only the devices named here: no default devices, no configuration files of the host, no window.
        "-nodefaults", "-no-user-config", "-display", "none", "-name", "overlayimg",
        // QEMU ends when the guest reboots. A kernel panic reboots the guest (see the kernel parameters).
        "-no-reboot",
        .. SystemCallFilter ? Filter : [],
        .. Machine,
        "-m", $"size={Number(MemoryMiB)}M", "-smp", $"cpus={Number(Cpus)}",
        "-kernel", KernelPath, "-initrd", InitramfsPath, "-append", KernelParameters(),
        // QEMU connects to listening sockets, so nobody polls for a socket file, and QEMU can't start after the tool has died.
        "-chardev", $"socket,id=qmp,path={MonitorSocket}", "-mon", "chardev=qmp,mode=control",
        // The kernel's console goes to QEMU's standard output, so nothing before a failure is lost. signal=off: Ctrl-C is not special.
        "-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console",
        "-device", "virtio-serial-pci,max_ports=3",
        "-chardev", $"socket,id=control,path={ControlSocket}", "-device", "virtserialport,chardev=control,name=overlayimg.control",
        "-chardev", $"socket,id=log,path={LogSocket}", "-device", "virtserialport,chardev=log,name=overlayimg.log",
        .. DiskSlot.All.SelectMany(slot => slot.Arguments()),
        .. Network ? UserNetwork : [],
    ];

    // QEMU needs neither to start programs nor to change its user, even if a guest takes it over.
    private static string[] Filter => ["-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"];

    // restrict=off: the guest reaches everything that the host reaches.
    private static string[] UserNetwork => ["-netdev", "user,id=net,restrict=off", "-device", "virtio-net-pci,netdev=net,romfile="];

    // Programs of distributions need more processor features than QEMU's default model (x86-64-v1) has. la57=off: kernels have failed on five-level
    // page tables under TCG. Fast string instructions (erms, fsrm, rep_good) stay on, although copying would be faster without them: in some
    // thousand boots without them (QEMU 7.2), three kernels rejected a driver's valid signature and a fourth guest powered off. No boot with them
    // did.
    private string[] Machine => Accelerator is Accelerator.Kvm
        ? ["-machine", MachineType, "-accel", "kvm", "-cpu", "host"]
        : ["-machine", MachineType, "-accel", $"tcg,thread={Threads}", "-cpu", "max,la57=off"];

    /// <summary>Whether one host thread emulates all processors of the guest in turn; otherwise each processor has a host thread.</summary>
    public bool ProcessorsTakeTurns { get; init; }

    /// <summary>Whether several processors of the guest are emulated in parallel.</summary>
    public bool IsParallel => Accelerator is Accelerator.Tcg && Cpus > 1 && !ProcessorsTakeTurns;

    private string Threads => ProcessorsTakeTurns ? "single" : "multi";

    // Not microvm: it starts a little faster, but one boot of ten hangs under TCG while the kernel calibrates its timer.
    private static string MachineType => "pc,usb=off,vmport=off,smbus=off,hpet=off,graphics=off";

    private string KernelParameters() => string.Join(' ',
    [
        // The console is the serial line. Only warnings and errors go there, because each byte makes the guest leave translated code.
        "console=ttyS0", "quiet",
        // A panic reboots the machine at once, which ends QEMU (-no-reboot).
        "panic=-1",
        // Mitigations protect nothing: the guest lives for one job and holds nothing that the job's script may not see.
        "mitigations=off", "audit=0", "lsm=capability", "kfence.sample_interval=0", "init_on_alloc=0", "hardened_usercopy=off",
        // Accounting that nobody reads.
        "psi=0", "cgroup_disable=memory",
        // Calibrations and self-tests with a known outcome in a virtual machine.
        "no_timer_check", "tsc=reliable", "cryptomgr.notests", "nowatchdog", "noreplace-smp", "rcupdate.rcu_expedited=1",
        // No address space randomisation under TCG. QEMU 7.2 caches translated code by virtual address, so randomisation makes it translate a
        // program again at each exec: 200 execs take 4.8 times as long. Randomised addresses protect nothing in a guest that lives for one
        // job and trusts nobody outside it. A KVM guest keeps them.
        .. Accelerator is Accelerator.Tcg ? ["norandmaps"] : Array.Empty<string>(),
        // Interrupts of a single processor work without ACPI, whose bytecode takes half a second to interpret under TCG. More processors
        // need ACPI, because only ACPI lists them.
        .. Cpus == 1 ? ["acpi=noirq"] : Array.Empty<string>(),
        // Devices that the machine does not have. Probing for them takes time.
        "8250.nr_uarts=1", "edd=off", "i8042.noaux", "i8042.nokbd",
        // Entropy from the processor (RDRAND): the guest has to trust the host anyway.
        "random.trust_cpu=on",
    ]);

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
