using System.CommandLine;
using System.CommandLine.Parsing;
using OverlayImg.Cli.Options;

namespace OverlayImg.Cli.Verbs;

/// <summary>Messages about a command line that the parser refuses.</summary>
internal static class UsageComplaints
{
    // A mistyped option leaves its value behind as a second unknown word, and a mistyped verb leaves the verb missing: only the typo is reported.
    public static IEnumerable<string> Of(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var unknown = parsed.UnmatchedTokens;
        if (unknown.Count == 0) return parsed.Errors.Select(error => WithoutVerb(command, error));
        string[] options = [.. unknown.Where(word => word.StartsWith('-') && word.Length > 1)];
        if (command.Subcommands.Count > 0 && unknown.FirstOrDefault(word => !options.Contains(word)) is { } verb) return [NoVerb(command, verb)];
        var typos = options.Length > 0 ? options.Select(option => NoOption(command, option))
            : unknown.Select(word => $"'{CommandNames.Of(command)}' takes no further argument, but '{word}' is given.");
        typos = [.. typos];
        return parsed.Errors.Where(error => !IsAboutUnknown(error) && !IsAboutMistyped(error)).Select(error => error.Message).Concat(typos);

        // A required option is not missing, but mistyped.
        bool IsAboutMistyped(ParseError error) => typos.Any(typo => command.Options.Any(option => error.Message == Missing(option)
            && typo.EndsWith(Suggestion.Sentence(option.Name), StringComparison.Ordinal)));

        bool IsAboutUnknown(ParseError error) =>
            error.SymbolResult is CommandResult && unknown.Any(word => error.Message.Contains($"'{word}'", StringComparison.Ordinal));
    }

    /// <summary>The message about a word that is no verb of <paramref name="command"/>.</summary>
    public static string NoVerb(Command command, string word)
    {
        string[] verbs = [.. command.Subcommands.Where(verb => !verb.Hidden).Select(verb => verb.Name)];
        return $"'{CommandNames.Of(command)}' has no command '{word}'.{Suggestion.For(word, verbs)}";
    }

    /// <summary>The message about a required option that is not given.</summary>
    public static string Missing(Option option) => $"Option '{option.Name}' is required.";

    // The value of an option may follow an equals sign or a colon. An option of one letter resembles too many other options.
    private static string NoOption(Command command, string word)
    {
        var name = word.Split('=', ':')[0];
        var known = VerbManual.OptionsOf(command).SelectMany(option => option.Aliases.Prepend(option.Name)).Where(IsLong).ToArray();
        // Elsewhere comes first: --run-as-root of another verb is no mistyped --no-xattrs.
        var advice = Elsewhere(command, name) is { Length: > 0 } elsewhere ? elsewhere : IsLong(name) ? Suggestion.For(name, known) : "";
        return $"'{CommandNames.Of(command)}' has no option '{name}'.{advice}";
    }

    // An option of another verb is no typing error.
    private static string Elsewhere(Command command, string name)
    {
        var verbs = CommandNames.Path(command).First().Subcommands
            .Where(verb => !verb.Hidden && verb.Options.Any(option => !option.Hidden && (option.Name == name || option.Aliases.Contains(name))))
            .Select(verb => verb.Name).ToArray();
        return verbs.Length == 0 ? "" : $" It is an option of {Values.Listed(verbs)}.";
    }

    private static bool IsLong(string name) => name.StartsWith("--", StringComparison.Ordinal);

    private static string WithoutVerb(Command command, ParseError error)
    {
        var verbs = command.Subcommands.Where(verb => !verb.Hidden).Select(verb => verb.Name).ToArray();
        var isMissingVerb = verbs.Length > 0 && error.SymbolResult is CommandResult result && result.Command == command;
        return isMissingVerb ? $"'{CommandNames.Of(command)}' needs a command: give {Values.Alternatives(verbs)}." : error.Message;
    }
}
