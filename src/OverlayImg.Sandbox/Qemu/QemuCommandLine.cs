using System.Globalization;
using System.Text.Json.Nodes;
using OverlayImg.Sandbox.Accelerators;

namespace OverlayImg.Sandbox.Qemu;

/// <summary>The arguments of QEMU (7.2 or later) for one guest: a pure function of its settings.</summary>
/// <param name="KernelPath">Absolute path of the kernel.</param>
/// <param name="InitramfsPath">Absolute path of the initramfs.</param>
/// <param name="Accelerator">Exactly one: with a list of them, processor model and kernel parameters could not match what really runs.</param>
/// <param name="MemoryMiB">Memory of the guest in MiB.</param>
/// <param name="Cpus">Number of processors.</param>
/// <param name="Network">Whether there is a network card on QEMU's user-mode network.</param>
/// <param name="SystemCallFilter">Whether QEMU gives up the system calls it does not need; not every build of it can.</param>
internal sealed record QemuCommandLine(
    string KernelPath, string InitramfsPath, Accelerator Accelerator, int MemoryMiB, int Cpus, bool Network, bool SystemCallFilter)
{
    /// <summary>Names of the sockets, in the working directory of QEMU, that it connects to as it starts.</summary>
    public const string MonitorSocket = "qmp", ControlSocket = "control", LogSocket = "log";

    /// <summary>Name of the socket that a state is written to.</summary>
    public const string StateSocket = "state";

    /// <summary>The arguments besides <see cref="Arguments"/> of a QEMU that waits to be told where its state comes from.</summary>
    public static IReadOnlyList<string> Incoming => ["-incoming", "defer"];

    /// <summary>The arguments besides <see cref="Arguments"/> of a guest whose memory is a file.</summary>
    /// <param name="path">The file; QEMU makes it where it is not there.</param>
    /// <param name="shared">Whether what the guest writes is written to the file; else only the guest sees it.</param>
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

    /// <summary>The arguments, without the program itself.</summary>
    public IReadOnlyList<string> Arguments() =>
    [
        // Nothing but what is named here: no default devices, no configuration files of the host, no window.
        "-nodefaults", "-no-user-config", "-display", "none", "-name", "overlayimg",
        // A guest that restarts (a panic does, see the kernel parameters) ends QEMU instead.
        "-no-reboot",
        .. SystemCallFilter ? Filter : [],
        .. Machine,
        "-m", $"size={Number(MemoryMiB)}M", "-smp", $"cpus={Number(Cpus)}",
        "-kernel", KernelPath, "-initrd", InitramfsPath, "-append", KernelParameters(),
        // QEMU connects to sockets that listen already: nobody has to wait for a file to appear, and a QEMU whose tool died can't start.
        "-chardev", $"socket,id=qmp,path={MonitorSocket}", "-mon", "chardev=qmp,mode=control",
        // The kernel's console. signal=off: no key is special. It is the child's standard output, so that nothing said before a failure is lost.
        "-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console",
        "-device", "virtio-serial-pci,max_ports=3",
        "-chardev", $"socket,id=control,path={ControlSocket}", "-device", "virtserialport,chardev=control,name=overlayimg.control",
        "-chardev", $"socket,id=log,path={LogSocket}", "-device", "virtserialport,chardev=log,name=overlayimg.log",
        .. DiskSlot.All.SelectMany(slot => slot.Arguments()),
        .. Network ? UserNetwork : [],
    ];

    // QEMU has no business in starting programs or changing who it is, whatever a guest makes it do.
    private static string[] Filter => ["-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"];

    // Only there when asked for; restrict=off lets the guest reach what the host reaches.
    private static string[] UserNetwork => ["-netdev", "user,id=net,restrict=off", "-device", "virtio-net-pci,netdev=net,romfile="];

    // The processor is as good as the accelerator can make it: distributions' programs need more than QEMU's default (x86-64-v1) has.
    // Five-level page tables are left out under TCG, where kernels have been known to fail on them. Fast string instructions (erms, fsrm, and rep_good for the
    // kernel) stay, though copying would be quicker without them: of some thousand boots without them, three found a driver's signature wrong (QEMU 7.2) and
    // a fourth powered off. No boot with them was seen to.
    private string[] Machine => Accelerator is Accelerator.Kvm
        ? ["-machine", MachineType, "-accel", "kvm", "-cpu", "host"]
        : ["-machine", MachineType, "-accel", $"tcg,thread={Threads}", "-cpu", "max,la57=off"];

    /// <summary>Whether the emulated processors of the guest take turns in one thread of the host; otherwise each has a thread.</summary>
    public bool ProcessorsTakeTurns { get; init; }

    /// <summary>Whether several processors of the guest are emulated at the same time.</summary>
    public bool IsParallel => Accelerator is Accelerator.Tcg && Cpus > 1 && !ProcessorsTakeTurns;

    private string Threads => ProcessorsTakeTurns ? "single" : "multi";

    // The plain PC: microvm starts a little faster, but hangs in one boot of ten under TCG, calibrating its timer.
    private static string MachineType => "pc,usb=off,vmport=off,smbus=off,hpet=off,graphics=off";

    private string KernelParameters() => string.Join(' ',
    [
        // Console on the serial line, where only warnings and worse go: each byte costs the guest a trip out of its code.
        "console=ttyS0", "quiet",
        // A panic restarts the machine at once, which ends QEMU (-no-reboot).
        "panic=-1",
        // The guest is one job long and holds nothing that its script may not see.
        "mitigations=off", "audit=0", "lsm=capability", "kfence.sample_interval=0", "init_on_alloc=0", "hardened_usercopy=off",
        // Accounts that nobody reads.
        "psi=0", "cgroup_disable=memory",
        // Calibrations and self-tests whose outcome is known in a virtual machine.
        "no_timer_check", "tsc=reliable", "cryptomgr.notests", "nowatchdog", "noreplace-smp", "rcupdate.rcu_expedited=1",
        // Without address space randomisation, under emulation only. QEMU keeps translated code by its virtual address (7.2) and would translate nearly all of
        // a program anew at each exec: 200 execs take 4.8 times as long. The guest lives for one job and trusts nobody outside it, so randomised addresses
        // protect nothing here. A KVM guest keeps them.
        .. Accelerator is Accelerator.Tcg ? ["norandmaps"] : Array.Empty<string>(),
        // The interrupts of one processor can do without what ACPI says of them, which is code to interpret (half a second under TCG); nor are there other
        // processors then.
        .. Cpus == 1 ? ["acpi=noirq"] : Array.Empty<string>(),
        // Devices that the machine does not have; looking for them takes time.
        "8250.nr_uarts=1", "edd=off", "i8042.noaux", "i8042.nokbd",
        // Entropy comes from the processor (RDRAND), which is as trustworthy as the host that the guest runs on.
        "random.trust_cpu=on",
    ]);

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
