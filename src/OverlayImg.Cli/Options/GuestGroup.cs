using System.CommandLine;
using OverlayImg.Builders.NewImages.Specs;
using OverlayImg.Caching;
using OverlayImg.Cli.Completion;
using OverlayImg.Layers;
using OverlayImg.Layers.Guests;
using OverlayImg.Sandbox.Accelerators;
using OverlayImg.Sandbox.Jobs;
using OverlayImg.Sandbox.Settings;

namespace OverlayImg.Cli.Options;

/// <summary>The options for the guest that runs the scripts.</summary>
internal sealed class GuestGroup
{
    // Measured on TCG: with 80 MiB the guest's kernel panics while it unpacks its initramfs; with 96 MiB scripts run.
    private const long LeastMemory = 96L << 20;
    private const string ScriptVariable = "--script-env";
    private const long LeastDiskSize = 16L << 20;
    private const long DefaultMemory = 512L << 20;
    private const long DefaultDiskSize = 8L << 30;

    // The parser does not know the defaults of sizes, because its help would show them as numbers of bytes.
    private readonly Option<long?> _diskSize = Values.Size("--disk-size",
        "Size of the disk of the guest VM, which limits how much the scripts can write; a plain number is MiB. "
            + "It takes only as much space on the host as the scripts write. "
            + $"[default: {SizeText.Format(DefaultDiskSize)}]").Sets(FileSystemSetting.DiskSize);
    private readonly Option<long?> _memory = Values.Size("--memory",
        $"Memory of the guest VM that runs the scripts, at least 96M; a plain number is MiB. [default: {SizeText.Format(DefaultMemory)}]")
        .Sets(GuestSetting.Memory);
    private readonly Option<int> _cpus = Values.Count("--cpus", 1, 64, "Number of processors of the guest VM that runs the scripts, 1 to 64.");
    private readonly Option<string> _accelerator = new Option<string>("--accel")
    {
        Description = "How QEMU runs the guest VM. auto: with KVM if a guest VM boots with it, else with TCG. kvm: with KVM, or fail. " +
            "tcg: by emulation, which works everywhere and is slower.",
        HelpName = "auto|kvm|tcg",
        DefaultValueFactory = _ => "auto"
    }.Sets(GuestSetting.Accelerator);
    private readonly Option<TimeSpan?> _timeout = Values.Duration("--timeout",
        "End the run with exit code 6 after this time, such as 90s or 10m; a plain number is seconds. " +
        "Preparation, scripts and packing count together. [default: no limit]")
        .Sets(GuestSetting.Timeout);
    private readonly Option<TimeSpan?> _bootTimeout = Values.Duration("--boot-timeout",
        "Longest time that the guest VM may take to boot, such as 90s; a plain number is seconds. " +
        "[default: 20s with KVM, 300s without]").Sets(GuestSetting.BootTimeout);
    private readonly Option<bool> _noWarmStart = new Option<bool>("--no-warm-start")
    {
        Description = "Boot the guest VM from the beginning. By default it resumes a snapshot of a booted guest VM that an earlier run " +
            "left in the cache."
    }.Sets(GuestSetting.WarmStart);
    private readonly Option<bool> _reuse = new Option<bool>("--reuse")
    {
        Description = "If an earlier run had the same inputs (base layers, scripts, contents, mounts, variables, options, guest image, " +
            "tool), take its layer from the cache and run no script. Otherwise run the scripts, and keep the layer in the cache. " +
            "Use it only for scripts whose result depends neither on chance nor on the time.",
    }.Sets(LayerSetting.Reuse);
    private readonly Option<bool> _reuseNetwork = new Option<bool>("--reuse-network")
    {
        Description = "Let --reuse take and keep results of scripts that have a network, too. What such scripts download may be older than " +
            "what a new run would get.",
    }.Sets(LayerSetting.ReuseWithNetwork);
    private readonly Option<bool> _network = new Option<bool>("--network")
    {
        Description = "Give the scripts a network: they can open connections, and nothing outside can connect to the guest VM. " +
            "By default there is none."
    }.Sets(GuestSetting.Network);
    private readonly Option<HostMount[]> _mounts = Values.Repeatable(
        "--mount", "SRC:DST", "Show a copy of the host's file or directory SRC at DST while scripts run. It is read-only, and never part of " +
            "the layer.",
        "SRC:DST with an absolute DST outside /dev, /proc, /sys and /.overlayimg, without further options", Values.ParseMount);
    private readonly Option<CacheMount[]> _cacheMounts = Values.Repeatable(
        "--cache-mount", "NAME:DST",
        "Show the directory NAME of the cache at DST while scripts run. Scripts can write to it, later runs see the files again, and it is never " +
            "part of the layer. If several runs use it at once, only one keeps its changes.",
        "NAME:DST with NAME of letters, digits, dots, dashes and underscores, and an absolute DST other than /etc and outside /dev, " +
            "/proc, /sys and /.overlayimg, without further options", Values.ParseCacheMount);
    private readonly Option<SecretSource[]> _secrets = Values.Repeatable(
        "--secret", "NAME=SRC",
        "Show the host's file SRC, of at most 1 MiB, at /run/secrets/NAME while scripts run; - reads it from stdin. Only root can read it. Its " +
            "content is in no layer, cache or log. The key of --reuse has only its NAME.",
        "NAME=SRC with NAME of letters, digits, dots, dashes and underscores, and SRC the path of a file", SecretSource.Parse);
    private readonly Option<EnvironmentVariable[]> _environment;

    /// <summary>Creates the options.</summary>
    /// <param name="buildsImage">Whether the verb builds an image, and so has <c>--env</c> for variables of the container.</param>
    public GuestGroup(bool buildsImage = false)
    {
        _environment = Values.Repeatable(
            buildsImage ? ScriptVariable : "--env", "NAME=VALUE",
            buildsImage ? "Environment variable of the scripts that does not become part of the image." : "Environment variable of the scripts.",
            "NAME=VALUE", Values.ParseVariable);
        // root-layer and run also take --script-env, the option of the verbs that build images, so that scripts can use one name.
        if (!buildsImage) _environment.Aliases.Add(ScriptVariable);
        _accelerator.AcceptOnly("auto", "kvm", "tcg");
        _mounts.CompletesFiles();
        _secrets.Completes((word, _) => word.IndexOf('=', StringComparison.Ordinal) + 1 is > 0 and var start
            ? PathCandidates.Of(word[start..], word[..start]) : []);
        _cacheMounts.Completes((_, line) => CacheNames(line));
    }

    public void AddTo(Command command)
    {
        command.Add(OptionSection.Scripts, ForScripts);
        command.Add(OptionSection.Guest, ForGuest);
    }

    private Option[] ForScripts => [_network, _environment, _mounts, _secrets, _cacheMounts, _reuse, _reuseNetwork];

    private Option[] ForGuest => [_memory, _diskSize, _cpus, _accelerator, _timeout, _bootTimeout, _noWarmStart];

    // The target of a mount is a path of the image, and is not known.
    private static IEnumerable<Candidate> CacheNames(CompletionLine line)
    {
        try
        {
            var cache = new Cache(CommonOptions.CacheDirectoryOf(line.ValueOf(CommonOptions.CacheDirectory)));
            return [.. CacheMount.NamesIn(cache).Select(name => new Candidate($"{name}:"))];
        }
        catch (Exception exception) when (exception is OverlayImgException or IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>The name of the first guest option on the command line; null without one.</summary>
    public string? AnyGiven(ParseResult parsed) => ForScripts.Concat(ForGuest).FirstOrDefault(parsed.IsGiven)?.Name;

    /// <summary>Whether each of the secrets is read from stdin.</summary>
    public IEnumerable<bool> ReadsStandardInput(ParseResult parsed) =>
        parsed.GetValue(_secrets)!.Select(secret => secret.Path == InputFile.StandardInput);

    /// <summary>Adds the secrets to the settings. Their files are read now.</summary>
    /// <exception cref="InputException">A file can't be read, or is larger than 1 MiB.</exception>
    public async Task<GuestSettings> WithSecretsAsync(GuestSettings settings, ParseResult parsed, CancellationToken cancellationToken)
    {
        var secrets = new List<GuestSecret>();
        foreach (var (name, path) in parsed.GetValue(_secrets)!)
            secrets.Add(new(name, await InputFile.ReadAllAsync(path, GuestSecret.MaximumLength, "a secret", cancellationToken)));
        return settings with { Secrets = secrets };
    }

    // Wrong usage is reported before any file is read.
    private void CheckSecrets(ParseResult parsed, GuestSettings settings)
    {
        var secrets = parsed.GetValue(_secrets)!;
        if (secrets.Length > GuestSecret.MaximumCount)
            throw new UsageException($"{_secrets.Name}: a run can have at most {GuestSecret.MaximumCount} of them.");
        if (Repeated(secrets.Select(secret => secret.Name)) is { } name)
            throw new UsageException($"{_secrets.Name}: the name '{name}' is given twice: give each NAME once.");
        if (secrets.Length == 0) return;
        string[] targets = [.. settings.CacheMounts.Select(cache => cache.Target), .. settings.Mounts.Select(mount => mount.Target)];
        if (Array.Find(targets, target => $"{target.TrimEnd('/')}/".StartsWith(GuestSecret.Directory + "/", StringComparison.Ordinal)) is { } taken)
            throw new UsageException($"--mount and --cache-mount: DST '{taken}' is where {_secrets.Name} shows the secrets: give another DST.");
    }

    /// <summary>The settings of the command line, with disk size and memory of the spec where the options are not given.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="spec">The spec; an empty spec if there is none.</param>
    /// <param name="variables">Variables of the container, which the scripts get too. A variable of <c>--script-env</c> wins.</param>
    /// <exception cref="UsageException">A size is too small for any guest, or mounts contradict each other.</exception>
    /// <exception cref="MachineException">The machine has less memory than the guest would have.</exception>
    public GuestSettings Read(ParseResult parsed, ImageSpec spec, IReadOnlyList<EnvironmentVariable> variables)
    {
        var settings = Settings(parsed);
        CheckSecrets(parsed, settings);
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

    /// <exception cref="UsageException">A size is too small for any guest, or mounts contradict each other.</exception>
    /// <exception cref="MachineException">The machine has less memory than the guest would have.</exception>
    public GuestSettings Read(ParseResult parsed)
    {
        var settings = Settings(parsed);
        CheckSecrets(parsed, settings);
        return Checked(settings);
    }

    private GuestSettings Checked(GuestSettings settings)
    {
        var memory = (long)settings.MemoryMiB << 20;
        if (memory < LeastMemory)
        {
            throw new UsageException(
                $"{_memory.Name}: {SizeText.Format(memory)} is too little for a guest, which needs at least " +
                $"{SizeText.Format(LeastMemory)}. A plain number is MiB.");
        }

        // The guest's kernel initialises all of its memory when it boots, so a guest with far more memory than the machine never gets ready.
        if (MachineMemory() is { } available && memory > available)
        {
            throw new MachineException($"The guest would have {SizeText.Format(memory)} of memory, and this machine has {SizeText.Format(available)}")
            {
                Advice = new("Give the guest less memory.", GuestSetting.Memory),
            };
        }

        if (settings.DiskSize < LeastDiskSize)
            throw new UsageException($"{_diskSize.Name}: a disk of less than {SizeText.Format(LeastDiskSize)} has no room for files. " +
                "A plain number is MiB.");
        RequireDistinct(settings);
        if (settings is { ReuseWithNetwork: true, Reuse: false })
            throw new UsageException($"{_reuseNetwork.Name} extends {_reuse.Name}: give {_reuse.Name}, too, or leave {_reuseNetwork.Name} out.");
        return settings;
    }

    // In bytes, from proc(5); null if /proc/meminfo can't be read.
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
        if (caches.Count > CacheMount.MaximumCount)
            throw new UsageException($"--cache-mount: a run can have at most {CacheMount.MaximumCount} of them.");
        if (Repeated(caches.Select(cache => cache.Name)) is { } name)
            throw new UsageException($"--cache-mount: the name '{name}' is given twice: give each NAME once.");
        if (Repeated([.. caches.Select(cache => cache.Target), .. settings.Mounts.Select(mount => mount.Target)]) is { } target)
            throw new UsageException($"--mount and --cache-mount: DST '{target}' is given twice: give each directory a DST of its own.");
        string[] targets = [.. caches.Select(cache => cache.Target), .. settings.Mounts.Select(mount => mount.Target)];
        if (caches.FirstOrDefault(cache => targets.Any(other => IsBelow(cache.Target, other))) is { Target: var below })
            throw new UsageException($"--cache-mount: DST '{below}' lies inside the DST of another mount: " +
                "give directories that don't contain each other.");
    }

    private static bool IsBelow(string path, string directory) =>
        path.StartsWith(directory.TrimEnd('/') + "/", StringComparison.Ordinal) && path.TrimEnd('/') != directory.TrimEnd('/');

    private static string? Repeated(IEnumerable<string> texts) =>
        texts.GroupBy(text => text.TrimEnd('/')).FirstOrDefault(group => group.Count() > 1)?.First();

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
        ReuseWithNetwork = parsed.GetValue(_reuseNetwork),
        Network = parsed.GetValue(_network),
        Mounts = parsed.GetValue(_mounts) ?? [],
        CacheMounts = parsed.GetValue(_cacheMounts) ?? [],
        Environment = parsed.GetValue(_environment) ?? [],
    };
}
