using System.CommandLine;
using OverlayImg.Builders;
using OverlayImg.Caching;
using OverlayImg.Cli.Completion;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.Images.Sessions;
using OverlayImg.Sandbox.Settings;

namespace OverlayImg.Cli.Options;

/// <summary>The options that all verbs share.</summary>
internal static class CommonOptions
{
    public static readonly Option<bool> Json = new("--json")
    {
        Description = "Print the result, or the error, as one JSON object on stdout.",
        Recursive = true,
    };

    public static readonly Option<bool> Quiet = new("--quiet", "-q") { Description = "Print only errors.", Recursive = true };
    public static readonly Option<bool> Verbose = new Option<bool>("--verbose", "-v")
    {
        Description = "Print more on stderr: the duration of each phase, all output of scripts also on a terminal, and the stack trace of an error.",
        Recursive = true
    }.Sets(BuilderSetting.Details);
    public static readonly Option<string?> CacheDirectory = new Option<string?>("--cache-dir")
    {
        Description = "Directory of the cache, whose files make later runs faster. " +
            "[default: $OVERLAYIMG_CACHE_DIR, else $XDG_CACHE_HOME/overlayimg, else ~/.cache/overlayimg]",
        HelpName = "DIR",
        Recursive = true,
    }.CompletesDirectories().Sets(CacheSetting.Directory, GuestSetting.CachePath);

    public static readonly Option<string?> CacheLimit = new("--cache-limit")
    {
        Description = "Largest size of the cache, such as 512M or 20G; a plain number is MiB. The least recently used entries are removed first. " +
            "[default: $OVERLAYIMG_CACHE_LIMIT, else 10 GiB]",
        HelpName = "SIZE",
        Recursive = true,
    };

    /// <summary>The largest size of the cache, in bytes.</summary>
    /// <exception cref="UsageException">The option or the environment variable is no size.</exception>
    public static long CacheLimitOf(ParseResult parsed)
    {
        const string Variable = "OVERLAYIMG_CACHE_LIMIT";
        if (parsed.GetValue(CacheLimit) is { } given) return Size(given, CacheLimit.Name);
        return Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } text ? Size(text, Variable) : CacheEntries.DefaultLimit;

        static long Size(string text, string name) => SizeText.Parse(text)
            ?? throw new UsageException($"'{text}' is not what {name} takes: give a size such as 512M or 20G; a plain number is MiB.");
    }

    /// <summary>The absolute path of the cache directory: the option's, else that of an environment variable.</summary>
    /// <exception cref="MachineException">The option and all of the environment variables are missing.</exception>
    public static string CacheDirectoryOf(ParseResult parsed) => CacheDirectoryOf(parsed.GetValue(CacheDirectory));

    /// <summary>The absolute path of the cache directory, for a value of the option, which is null without the option.</summary>
    /// <exception cref="MachineException">The option and all of the environment variables are missing.</exception>
    public static string CacheDirectoryOf(string? option)
    {
        if (option is { Length: > 0 } given) return Path.GetFullPath(given);
        if (Environment.GetEnvironmentVariable("OVERLAYIMG_CACHE_DIR") is { Length: > 0 } own) return Path.GetFullPath(own);
        // XDG Base Directory Specification: a relative path in the variable is ignored.
        if (Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } xdg && Path.IsPathRooted(xdg))
            return Path.Combine(xdg, "overlayimg");
        if (Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home) return Path.Combine(home, ".cache", "overlayimg");
        throw new MachineException("The directory of the cache is unknown: $HOME is not set") { Advice = "Name a directory with --cache-dir." };
    }

    /// <summary>The cache, with its directory and its limit from the command line or the environment.</summary>
    /// <exception cref="MachineException">No directory is given, and no environment variable names one.</exception>
    /// <exception cref="UsageException">The limit is no size.</exception>
    public static Cache CacheOf(ParseResult parsed) => new(CacheDirectoryOf(parsed), CacheLimitOf(parsed));

    /// <summary>The cache for a verb that only reads. A temporary directory replaces a cache that can't be written.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="lifetime">Owns the temporary directory.</param>
    /// <exception cref="UnusableDirectoryException">The system's directory for temporary files can't be written, either.</exception>
    public static Cache ReadersCacheOf(ParseResult parsed, Lifetime lifetime)
    {
        try
        {
            var cache = CacheOf(parsed);
            using var trial = ScratchDirectory.Create(Path.Combine(cache.Directory, "tmp"));
            return cache;
        }
        catch (MachineException)
        {
            return new(lifetime.Own(ScratchDirectory.Create(Path.GetTempPath(), ".overlayimg-reading-")).Path, CacheLimitOf(parsed));
        }
    }
}
