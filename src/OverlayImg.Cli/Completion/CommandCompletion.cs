using System.CommandLine;

namespace OverlayImg.Cli.Completion;

/// <summary>Finds the words that can stand at the cursor of a command line.</summary>
internal static class CommandCompletion
{
    /// <summary>The candidates for the last word.</summary>
    /// <param name="root">The tool.</param>
    /// <param name="before">The words between the name of the tool and the word at the cursor.</param>
    /// <param name="word">The beginning of the word at the cursor.</param>
    public static IReadOnlyList<Candidate> Complete(Command root, IEnumerable<string> before, string word) =>
        Complete(new CompletionLine(root, before), word);

    /// <summary>The candidates for the word at the cursor, behind the words of a line.</summary>
    public static IReadOnlyList<Candidate> Complete(CompletionLine line, string word)
    {
        var fitting = Candidates(line, word).Where(candidate => candidate.Text.StartsWith(word, StringComparison.Ordinal));
        return [.. fitting.DistinctBy(candidate => candidate.Text)];
    }

    private static IEnumerable<Candidate> Candidates(CompletionLine line, string word)
    {
        if (line.Waiting is { } waiting) return Values(waiting, word, line);
        if (line.TakesOptions && word.StartsWith('-') && word.Contains('=', StringComparison.Ordinal))
        {
            if (line.Find(word) is not var (option, value)) return [];
            var name = word[..^value!.Length];
            return Values(option, value, line).Select(candidate => candidate with { Text = name + candidate.Text });
        }

        if (line.TakesOptions && word is ['-', _, ..]) return Options(line);
        var verbs = line.Arguments.Count == 0 ? line.Command.Subcommands.Where(verb => !verb.Hidden) : [];
        var words = verbs.Select(verb => new Candidate(verb.Name, FirstSentence(verb.Description)));
        var values = ArgumentAt(line) is { } argument ? Values(argument, word, line) : [];
        Candidate[] found = [.. words.Concat(values)];
        // A verb that takes no further argument is continued by options.
        var wantsOption = line.TakesOptions && (word == "-" || (word.Length == 0 && ArgumentAt(line) is null && found.Length == 0));
        return wantsOption ? [.. found, .. Options(line)] : found;
    }

    private static IEnumerable<Candidate> Values(Symbol symbol, string word, CompletionLine line) => symbol.Completion()?.Invoke(word, line) ?? [];

    private static Argument? ArgumentAt(CompletionLine line)
    {
        var position = line.Arguments.Count;
        foreach (var argument in line.Command.Arguments)
        {
            if (position < argument.Arity.MaximumNumberOfValues) return argument;
            position -= argument.Arity.MaximumNumberOfValues;
        }

        return null;
    }

    // Only a repeatable option is offered twice.
    private static IEnumerable<Candidate> Options(CompletionLine line) => line.Options
        .Where(option => option.Arity.MaximumNumberOfValues > 1 || !line.IsGiven(option))
        .SelectMany(option => option.Aliases.Prepend(option.Name).Where(name => name.StartsWith("--", StringComparison.Ordinal))
            .Select(name => new Candidate(name, FirstSentence(option.Description))));

    private static string FirstSentence(string? text)
    {
        var end = text?.IndexOf(". ", StringComparison.Ordinal) ?? -1;
        return end < 0 ? text ?? "" : text![..end];
    }
}
