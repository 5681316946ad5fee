using System.CommandLine;
using OverlayImg.Builders.NewImages.Specs;
using OverlayImg.Layers;
using OverlayImg.Layers.Guests;
using OverlayImg.Sandbox.Accelerators;
using OverlayImg.Sandbox.Settings;

namespace OverlayImg.Cli.Options;

/// <summary>The guest that scripts run in.</summary>
internal sealed class GuestGroup
{
    // Measured on TCG: with 80 MiB the guest's kernel panics when it unpacks its initramfs, with 96 MiB scripts run.
    private const long LeastMemory = 96L << 20;
    private const string ScriptVariable = "--script-env";
    private const long LeastDiskSize = 16L << 20;
    private const long DefaultMemory = 512L << 20;
    private const long DefaultDiskSize = 8L << 30;

    // The defaults of sizes are read here, not known to the parser: its help would show them as numbers of bytes.
    private readonly Option<long?> _diskSize = Values.Size("--disk-size",
        "Size of the guest's disk, which bounds what the scripts can write; it takes no more of the host than what they do write. "
            + $"[default: {SizeText.Format(DefaultDiskSize)}]").Sets(FileSystemSetting.DiskSize);
    private readonly Option<long?> _memory = Values.Size("--memory", $"Memory of the guest. [default: {SizeText.Format(DefaultMemory)}]")
        .Sets(GuestSetting.Memory);
    private readonly Option<int> _cpus = Values.Count("--cpus", 1, 64, "Processors of the guest.");
    private readonly Option<string> _accelerator = new Option<string>("--accel")
    {
        Description = "auto (KVM where a guest really starts on it, else TCG), kvm (or fail) or tcg (emulation, works everywhere).",
        HelpName = "auto|kvm|tcg",
        DefaultValueFactory = _ => "auto"
    }.Sets(GuestSetting.Accelerator);
    private readonly Option<TimeSpan?> _timeout = Values.Duration("--timeout",
        "End the run after this time: preparing, the scripts and packing together. [default: never]")
        .Sets(GuestSetting.Timeout);
    private readonly Option<TimeSpan?> _bootTimeout = Values.Duration("--boot-timeout",
        "How long the guest may take to start. [default: 20s with KVM, 300s without]").Sets(GuestSetting.BootTimeout);
    private readonly Option<bool> _noWarmStart = new Option<bool>("--no-warm-start")
    {
        Description = "Boot the guest from the beginning; else it starts from one that a former run saved in the cache."
    }.Sets(GuestSetting.WarmStart);
    private readonly Option<bool> _reuse = new Option<bool>("--reuse")
    {
        Description = "If a former run had the same inputs (base layers, scripts, contents, mounts, variables, options, guest image, tool), take its layer from the " +
            "cache instead of running anything; else keep this run's there. For scripts that make nothing of chance or of the time.",
    }.Sets(LayerSetting.Reuse);
    private readonly Option<bool> _network = new Option<bool>("--network")
    {
        Description = "Give the guest a network (user mode: it reaches out, nothing reaches in)."
    }.Sets(GuestSetting.Network);
    private readonly Option<HostMount[]> _mounts = Values.Repeatable(
        "--mount", "SRC:DST", "Show a copy of the host's directory SRC at DST while scripts run, read-only and never part of the layer.",
        "SRC:DST without options, DST absolute and outside /dev, /proc, /sys and /.overlayimg", Values.ParseMount);
    private readonly Option<CacheMount[]> _cacheMounts = Values.Repeatable(
        "--cache-mount", "NAME:DST", "Show the directory NAME of the cache at DST while scripts run: scripts can write it, later runs have it again, and it is never " +
            "part of the layer. Of runs that need it at once, one keeps what its scripts add.",
        "NAME:DST without options, NAME of letters, digits, dots, dashes and underscores, DST absolute, not /etc, and outside /dev, /proc, /sys and /.overlayimg", Values.ParseCacheMount);
    private readonly Option<EnvironmentVariable[]> _environment;

    /// <summary>Makes the options.</summary>
    /// <param name="buildsImage">Whether the verb builds an image, and so has <c>--env</c> for variables of the container.</param>
    public GuestGroup(bool buildsImage = false)
    {
        _environment = Values.Repeatable(
            buildsImage ? ScriptVariable : "--env", "NAME=VALUE",
            buildsImage ? "A variable of the scripts that the container does not get." : "A variable of the scripts.", "NAME=VALUE", Values.ParseVariable);
        // Each verb with scripts takes the name that the verbs for images have.
        if (!buildsImage) _environment.Aliases.Add(ScriptVariable);
        _accelerator.AcceptOnlyFromAmong("auto", "kvm", "tcg");
    }

    public void AddTo(Command command)
    {
        foreach (var option in All) command.Add(option);
    }

    private Option[] All => [_environment, _mounts, _cacheMounts, _network, _diskSize, _memory, _cpus, _accelerator, _timeout, _bootTimeout, _noWarmStart, _reuse];

    /// <summary>An option of the guest that the command line has; null where it has none.</summary>
    public string? AnyGiven(ParseResult parsed) => All.FirstOrDefault(parsed.IsGiven)?.Name;

    /// <summary>The settings of a guest for an image. The spec's disk size and memory count where the command line gives none.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="spec">The spec; an empty spec where there is none.</param>
    /// <param name="variables">Variables of the container. A variable for scripts alone wins over one of the same name.</param>
    /// <exception cref="UsageException">A size is too small for any guest.</exception>
    /// <exception cref="MachineException">The machine has less memory than the guest would have.</exception>
    public GuestSettings Read(ParseResult parsed, ImageSpec spec, IReadOnlyList<EnvironmentVariable> variables)
    {
        var settings = Settings(parsed);
        settings = settings with { Environment = [.. variables, .. settings.Environment] };
        if (spec.DiskSize is { } diskSize && !parsed.IsGiven(_diskSize)) settings = settings with { DiskSize = diskSize };
        return Checked(spec.MemoryMiB is { } memory && !parsed.IsGiven(_memory) ? settings with { MemoryMiB = memory } : settings);
    }

    /// <summary>Refuses variables of the container that scripts can't have.</summary>
    /// <exception cref="UsageException">A name is too long or has a slash.</exception>
    public static void RequirePassable(GuestSettings settings)
    {
        if (settings.Environment.FirstOrDefault(variable => !EnvironmentVariable.IsPassableName(variable.Name)) is { } variable)
            throw new UsageException($"--env: scripts can have no variable '{variable.Name}'. Give a name of at most 255 bytes without a slash.");
    }

    /// <exception cref="UsageException">A size is too small for any guest.</exception>
    /// <exception cref="MachineException">The machine has less memory than the guest would have.</exception>
    public GuestSettings Read(ParseResult parsed) => Checked(Settings(parsed));

    private GuestSettings Checked(GuestSettings settings)
    {
        var memory = (long)settings.MemoryMiB << 20;
        if (memory < LeastMemory)
            throw new UsageException($"{_memory.Name}: {SizeText.Format(memory)} are too little for a guest, which needs at least {SizeText.Format(LeastMemory)}. A plain number is MiB.");
        // The guest's kernel prepares all of its memory when it boots, so that a guest of many times the machine's memory never gets ready.
        if (MachineMemory() is { } available && memory > available)
        {
            throw new MachineException($"The guest would have {SizeText.Format(memory)} of memory, and this machine has {SizeText.Format(available)}")
            {
                Advice = $"Give it less with {_memory.Name}.",
            };
        }

        if (settings.DiskSize < LeastDiskSize)
            throw new UsageException($"{_diskSize.Name}: a disk of less than {SizeText.Format(LeastDiskSize)} has no room for files.");
        RequireDistinct(settings);
        return settings;
    }

    // proc(5), in bytes; null where it can't be told.
    private static long? MachineMemory()
    {
        const string Field = "MemTotal:";
        try
        {
            var line = File.ReadLines("/proc/meminfo").FirstOrDefault(line => line.StartsWith(Field, StringComparison.Ordinal));
            return long.TryParse(line?[Field.Length..].Replace("kB", "", StringComparison.Ordinal), out var kibibytes) ? kibibytes << 10 : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static void RequireDistinct(GuestSettings settings)
    {
        var caches = settings.CacheMounts;
        if (caches.Count > CacheMount.MaximumCount) throw new UsageException($"--cache-mount: a run can have {CacheMount.MaximumCount} at most.");
        if (Repeated(caches.Select(cache => cache.Name)) is { } name) throw new UsageException($"--cache-mount: the name '{name}' is given twice.");
        if (Repeated([.. caches.Select(cache => cache.Target), .. settings.Mounts.Select(mount => mount.Target)]) is { } target)
            throw new UsageException($"--mount and --cache-mount: '{target}' is given twice, and only one directory can be there.");
        if (caches.FirstOrDefault(cache => caches.Any(other => IsBelow(cache.Target, other.Target)) || settings.Mounts.Any(mount => IsBelow(cache.Target, mount.Target)))
            is { Target: var below })
            throw new UsageException($"--cache-mount: '{below}' lies in the directory of another mount. Give directories that don't contain each other.");
    }

    private static bool IsBelow(string path, string directory) => path.StartsWith(directory.TrimEnd('/') + "/", StringComparison.Ordinal) && path.TrimEnd('/') != directory.TrimEnd('/');

    private static string? Repeated(IEnumerable<string> texts) => texts.GroupBy(text => text.TrimEnd('/')).FirstOrDefault(group => group.Count() > 1)?.First();

    private GuestSettings Settings(ParseResult parsed) => new()
    {
        DiskSize = parsed.GetValue(_diskSize) ?? DefaultDiskSize,
        MemoryMiB = (int)Math.Min(int.MaxValue, (parsed.GetValue(_memory) ?? DefaultMemory) >> 20),
        Cpus = parsed.GetValue(_cpus),
        Accelerator = parsed.GetValue(_accelerator) switch
        {
            "kvm" => AcceleratorChoice.Kvm,
            "tcg" => AcceleratorChoice.Tcg,
            _ => AcceleratorChoice.Auto
        },
        Timeout = parsed.GetValue(_timeout),
        BootTimeout = parsed.GetValue(_bootTimeout),
        WarmStart = !parsed.GetValue(_noWarmStart),
        Reuse = parsed.GetValue(_reuse),
        Network = parsed.GetValue(_network),
        Mounts = parsed.GetValue(_mounts) ?? [],
        CacheMounts = parsed.GetValue(_cacheMounts) ?? [],
        Environment = parsed.GetValue(_environment) ?? [],
    };
}
