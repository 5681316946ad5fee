using System.CommandLine;
using System.CommandLine.Parsing;
using OverlayImg.Cli.Completion;
using OverlayImg.FileSystems;
using OverlayImg.Layers.Guests;

namespace OverlayImg.Cli.Options;

/// <summary>Options whose values are parsed here. A wrong value is wrong usage, and the message states the expected form.</summary>
internal static class Values
{
    /// <summary>Whether the option is on the command line, so that its value is not the default.</summary>
    public static bool IsGiven(this ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    /// <summary>
    /// The given options in the order of the command line, each once for each of its values. The parse result has only the order of the values of
    /// one option.
    /// </summary>
    public static IEnumerable<Option> InOrder(this ParseResult parsed, params IReadOnlyList<Option> options) => parsed.Tokens
        .Where(token => token.Type == TokenType.Option)
        .Select(token => options.FirstOrDefault(option => option.Name == token.Value || option.Aliases.Contains(token.Value))).OfType<Option>();

    /// <summary>Parses a value of the command line, and turns an <see cref="InputException"/> into wrong usage.</summary>
    /// <exception cref="UsageException"><paramref name="parse"/> refuses the value.</exception>
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

    /// <summary>Checks a value of the command line, and turns an <see cref="InputException"/> into wrong usage.</summary>
    /// <exception cref="UsageException"><paramref name="check"/> refuses the value.</exception>
    public static void Understood(Action check) => Understood(() =>
    {
        check();
        return true;
    });

    /// <summary>Refuses other values than <paramref name="values"/>, with the option's name in the message.</summary>
    public static void AcceptOnly<T>(this Option<T> option, params string[] values)
    {
        option.CompletesWords(values);
        option.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => !values.Contains(token.Value, StringComparer.Ordinal)))
                result.AddError(
                    $"'{token.Value}' is not what {option.Name} takes: give {Alternatives(values)}.{Suggestion.For(token.Value, values)}");
        });
    }

    /// <summary>Refuses other values of an argument than <paramref name="values"/>.</summary>
    /// <param name="what">A word for a value, such as "snippet".</param>
    public static void AcceptOnly<T>(this Argument<T> argument, string what, params string[] values)
    {
        argument.CompletesWords(values);
        argument.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => !values.Contains(token.Value, StringComparer.Ordinal)))
                result.AddError($"There is no {what} '{token.Value}': give {Alternatives(values)}.{Suggestion.For(token.Value, values)}");
        });
    }

    /// <summary>Values to choose from, such as "a, b or c".</summary>
    public static string Alternatives(IReadOnlyList<string> values) => Listed(values, "or");

    /// <summary>Words in a sentence, such as "a, b and c".</summary>
    public static string Listed(IReadOnlyList<string> words, string conjunction = "and") =>
        words.Count == 1 ? words[0] : $"{string.Join(", ", words.SkipLast(1))} {conjunction} {words[^1]}";

    /// <summary>Refuses a command line on which more than one option reads stdin.</summary>
    /// <param name="readers">Whether each option reads stdin.</param>
    /// <exception cref="UsageException">Two options or more read stdin.</exception>
    public static void RequireOneReaderOfStdin(params IEnumerable<bool> readers)
    {
        if (readers.Count(reads => reads) > 1)
            throw new UsageException("Stdin can be read only once, and - is given more than once: name files instead.");
    }

    /// <summary>An option for a size. Its value is in bytes; null if the option is not given.</summary>
    public static Option<long?> Size(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "SIZE",
        CustomParser = result => Parsed(result, SizeText.Parse(Text(result)), "a size such as 512M or 2G; a plain number is MiB"),
    };

    /// <summary>An option for a duration; its value is null if the option is not given.</summary>
    public static Option<TimeSpan?> Duration(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = result => Parsed(
            result, DurationText.Parse(Text(result)), "a time of at most 20 days, such as 90s, 10m or 2h; a plain number is seconds"),
    };

    /// <summary>A repeatable option, whose values <paramref name="parse"/> parses one by one; null from it means a wrong value.</summary>
    public static Option<T[]> Repeatable<T>(string name, string helpName, string description, string form, Func<string, T?> parse) where T : class =>
        new(name)
        {
            Description = description + " Repeatable.",
            HelpName = helpName,
            DefaultValueFactory = _ => [],
            CustomParser = result => [.. result.Tokens.Select(token => Checked(result, parse(token.Value), token.Value, form)).OfType<T>()],
        };

    /// <summary>An option for a number from 1 to <paramref name="maximum"/>.</summary>
    public static Option<int> Count(string name, int defaultCount, int maximum, string description) => new(name)
    {
        Description = description,
        HelpName = "N",
        DefaultValueFactory = _ => defaultCount,
        CustomParser = result => Parsed(
            result, int.TryParse(Text(result), out var count) && count >= 1 && count <= maximum ? count : (int?)null,
            $"a number from 1 to {maximum}"),
    };

    /// <summary>Parses <c>NAME=value</c>; null for anything else.</summary>
    public static EnvironmentVariable? ParseVariable(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 && EnvironmentVariable.IsValidName(text[..equals]) ? new(text[..equals], ByteString.FromText(text[(equals + 1)..])) : null;
    }

    /// <summary>Parses <c>SRC:DST</c>; null for anything else. The last colon divides, because SRC may contain colons and DST may not.</summary>
    public static HostMount? ParseMount(string text)
    {
        var colon = text.LastIndexOf(":/", StringComparison.Ordinal);
        return colon > 0 && IsMountTarget(text[(colon + 1)..]) ? new(text[..colon], text[(colon + 1)..]) : null;
    }

    /// <summary>Parses <c>NAME:DST</c>; null for anything else.</summary>
    public static CacheMount? ParseCacheMount(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var target = text[(colon + 1)..];
        var isValid = colon > 0 && CacheMount.IsValidName(text[..colon]) && IsMountTarget(target) && target.Trim('/') != "etc";
        return isValid ? new(text[..colon], target) : null;
    }

    // An absolute path other than /, outside the directories that the guest itself mounts. A colon is refused, because container engines put
    // options such as :ro after it, which would become part of the path here.
    private static bool IsMountTarget(string path)
    {
        string[] reserved = ["/dev", "/proc", "/sys", "/.overlayimg"];
        var names = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return path.StartsWith('/') && names.Length > 0 && !path.Contains(':', StringComparison.Ordinal)
            && !names.Contains("..") && !names.Contains(".") && !reserved.Contains($"/{names[0]}");
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
