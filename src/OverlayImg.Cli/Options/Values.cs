using System.CommandLine;
using System.CommandLine.Parsing;
using OverlayImg.FileSystems;
using OverlayImg.Layers.Guests;

namespace OverlayImg.Cli.Options;

/// <summary>Options whose values have a form of their own; a wrong one is wrong usage, said with the form it should have.</summary>
internal static class Values
{
    /// <summary>Whether the command line has the option, and not its default alone.</summary>
    public static bool IsGiven(this ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    /// <summary>What <paramref name="parse"/> makes of a value of the command line.</summary>
    /// <exception cref="UsageException">The value makes no sense.</exception>
    public static T Understood<T>(Func<T> parse)
    {
        try
        {
            return parse();
        }
        catch (InputException exception)
        {
            throw new UsageException(exception.Describe());
        }
    }

    /// <summary>Checks a value of the command line.</summary>
    /// <exception cref="UsageException">The value makes no sense.</exception>
    public static void Understood(Action check) => Understood(() =>
    {
        check();
        return true;
    });

    /// <summary>An option that takes a size, null where it is not given; its value is in bytes.</summary>
    public static Option<long?> Size(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "SIZE",
        CustomParser = result => Parsed(result, SizeText.Parse(Text(result)), "a size such as 512M or 2G"),
    };

    /// <summary>An option that takes a time.</summary>
    public static Option<TimeSpan?> Duration(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = result => Parsed(result, DurationText.Parse(Text(result)), "a time such as 90s or 10m"),
    };

    /// <summary>A repeatable option with values such as <c>NAME=value</c>, each parsed by <paramref name="parse"/>.</summary>
    public static Option<T[]> Repeatable<T>(string name, string helpName, string description, string form, Func<string, T?> parse) where T : class =>
        new(name)
        {
            Description = description + " Repeatable.",
            HelpName = helpName,
            DefaultValueFactory = _ => [],
            CustomParser = result => [.. result.Tokens.Select(token => Checked(result, parse(token.Value), token.Value, form)).OfType<T>()],
        };

    /// <summary>An option that takes a count from 1 on.</summary>
    public static Option<int> Count(string name, int defaultCount, int maximum, string description) => new(name)
    {
        Description = description,
        HelpName = "N",
        DefaultValueFactory = _ => defaultCount,
        CustomParser = result => Parsed(
            result, int.TryParse(Text(result), out var count) && count >= 1 && count <= maximum ? count : (int?)null,
            $"a number from 1 to {maximum}"),
    };

    /// <summary><c>NAME=value</c> as a variable of the scripts.</summary>
    public static EnvironmentVariable? ParseVariable(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 && EnvironmentVariable.IsValidName(text[..equals]) ? new(text[..equals], ByteString.FromText(text[(equals + 1)..])) : null;
    }

    /// <summary><c>SRC:DST</c> as a mount; the last colon divides, since a target holds none and a source may.</summary>
    public static HostMount? ParseMount(string text)
    {
        var colon = text.LastIndexOf(":/", StringComparison.Ordinal);
        return colon > 0 && IsMountTarget(text[(colon + 1)..]) ? new(text[..colon], text[(colon + 1)..]) : null;
    }

    /// <summary><c>NAME:DST</c> as a mount of the cache.</summary>
    public static CacheMount? ParseCacheMount(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var target = text[(colon + 1)..];
        return colon > 0 && CacheMount.IsValidName(text[..colon]) && IsMountTarget(target) && target.Trim('/') != "etc" ? new(text[..colon], target) : null;
    }

    // An absolute path but the root, and outside the directories that the guest itself mounts. Container engines have options behind a colon, which would be
    // part of the path here.
    private static bool IsMountTarget(string path)
    {
        string[] reserved = ["/dev", "/proc", "/sys", "/.overlayimg"];
        var names = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return path.StartsWith('/') && names.Length > 0 && !path.Contains(':', StringComparison.Ordinal) && !names.Contains("..") && !names.Contains(".") && !reserved.Contains($"/{names[0]}");
    }

    private static string Text(ArgumentResult result) => result.Tokens.Count == 1 ? result.Tokens[0].Value : "";

    private static T Parsed<T>(ArgumentResult result, T? value, string form) where T : struct
    {
        if (value is { } parsed) return parsed;
        result.AddError(Complaint(result, Text(result), form));
        return default;
    }

    private static T? Checked<T>(ArgumentResult result, T? value, string text, string form) where T : class
    {
        if (value is null) result.AddError(Complaint(result, text, form));
        return value;
    }

    private static string Complaint(ArgumentResult result, string text, string form) =>
        $"'{text}' is not what {(result.Parent as OptionResult)?.IdentifierToken?.Value ?? "the option"} takes: give {form}.";
}
