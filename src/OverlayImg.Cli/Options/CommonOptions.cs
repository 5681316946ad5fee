using System.CommandLine;
using OverlayImg.Builders;
using OverlayImg.Caching;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.Images.Sessions;
using OverlayImg.Sandbox.Settings;

namespace OverlayImg.Cli.Options;

/// <summary>The options that every verb has.</summary>
internal static class CommonOptions
{
    public static readonly Option<bool> Json = new("--json") { Description = "Print one JSON object with the result to stdout.", Recursive = true };
    public static readonly Option<bool> Quiet = new("--quiet", "-q") { Description = "Say nothing but errors.", Recursive = true };
    public static readonly Option<bool> Verbose = new Option<bool>("--verbose", "-v")
    {
        Description = "Say more: the time of each phase, and where errors come from.",
        Recursive = true
    }.Sets(BuilderSetting.Details);
    public static readonly Option<string?> CacheDirectory = new Option<string?>("--cache-dir")
    {
        Description = "Where to keep what later runs can use. [default: $OVERLAYIMG_CACHE_DIR, $XDG_CACHE_HOME/overlayimg or ~/.cache/overlayimg]",
        HelpName = "DIR",
        Recursive = true,
    }.Sets(CacheSetting.Directory, GuestSetting.CachePath);

    public static readonly Option<string?> CacheLimit = new("--cache-limit")
    {
        Description = "How much the cache may keep; what was used least recently goes first. [default: $OVERLAYIMG_CACHE_LIMIT or 10 GiB]",
        HelpName = "SIZE",
        Recursive = true,
    };

    /// <summary>The size that the cache may have, in bytes.</summary>
    /// <exception cref="UsageException">It is no size.</exception>
    public static long CacheLimitOf(ParseResult parsed)
    {
        const string Variable = "OVERLAYIMG_CACHE_LIMIT";
        if (parsed.GetValue(CacheLimit) is { } given) return Size(given, CacheLimit.Name);
        return Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } text ? Size(text, Variable) : CacheEntries.DefaultLimit;

        static long Size(string text, string name) => SizeText.Parse(text)
            ?? throw new UsageException($"'{text}' is not what {name} takes: give a size such as 512M or 20G.");
    }

    /// <summary>The cache directory by the rules of the contract.</summary>
    /// <exception cref="MachineException">None of the three variables says where it would be.</exception>
    public static string CacheDirectoryOf(ParseResult parsed)
    {
        if (parsed.GetValue(CacheDirectory) is { Length: > 0 } given) return Path.GetFullPath(given);
        if (Environment.GetEnvironmentVariable("OVERLAYIMG_CACHE_DIR") is { Length: > 0 } own) return Path.GetFullPath(own);
        // The XDG base directory specification: a relative path there is to be ignored.
        if (Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } xdg && Path.IsPathRooted(xdg))
            return Path.Combine(xdg, "overlayimg");
        if (Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home) return Path.Combine(home, ".cache", "overlayimg");
        throw new MachineException("There is no $HOME to keep a cache in") { Advice = "Name a directory with --cache-dir." };
    }

    /// <summary>The cache.</summary>
    /// <exception cref="MachineException">None of the three variables says where it would be.</exception>
    /// <exception cref="UsageException">The limit is no size.</exception>
    public static Cache CacheOf(ParseResult parsed) => new(CacheDirectoryOf(parsed), CacheLimitOf(parsed));

    /// <summary>The cache for a verb that only reads. Where the cache can't be used, that is a temporary directory.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="lifetime">Owns the temporary directory.</param>
    /// <exception cref="UnusableDirectoryException">The system's directory for temporary files can't be used either.</exception>
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
