using System.CommandLine;
using System.CommandLine.Parsing;
using OverlayImg.Cli.Completion;
using OverlayImg.Cli.Options;

namespace OverlayImg.Cli.Verbs;

/// <summary><c>overlayimg help</c>: prints the help of the tool or of a verb.</summary>
internal static class HelpVerb
{
    private const string Name = "help";

    public static Command Create()
    {
        var verbs = new Argument<string[]>("VERB")
        {
            Description = "The verb to explain, such as build, or cache ls. Without a verb the help lists all verbs.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new Verb(Name, "Prints the help of a verb, or the list of all verbs.")
        {
            Examples = """
              overlayimg help build
              overlayimg help cache ls
            """,
        };
        verbs.Completes((_, line) => Candidates(line));
        command.Add(verbs);
        command.SetAction(parsed => Help.Print(Find(parsed.RootCommandResult.Command, parsed.GetValue(verbs)!)));
        return command;
    }

    /// <summary>
    /// The command that <c>VERB help</c> asks about: the word is no argument of the verb, and nothing else is on the command line. Null for
    /// another command line.
    /// </summary>
    public static Command? AskedBy(ParseResult parsed)
    {
        if (parsed.UnmatchedTokens is not { Count: > 0 } words || words[0] != Name) return null;
        var isAlone = parsed.Tokens.All(token => token.Type != TokenType.Option || token.Value == CommonOptions.Json.Name);
        return isAlone ? Find(parsed.CommandResult.Command, words.Skip(1)) : null;
    }

    /// <summary>The command line that prints the help of a command.</summary>
    public static string WayTo(Command command) =>
        command.Name == Name ? $"{CommandNames.Tool} {Name}" : $"{CommandNames.Of(command)} --help";

    private static IEnumerable<Candidate> Candidates(CompletionLine line)
    {
        var command = CommandNames.Path(line.Command).First();
        foreach (var word in line.Arguments)
        {
            if (command.Subcommands.FirstOrDefault(verb => verb.Name == word) is not { } verb) return [];
            command = verb;
        }

        return command.Subcommands.Where(verb => !verb.Hidden).Select(verb => new Candidate(verb.Name, ((Verb)verb).Summary));
    }

    /// <summary>The command that the words name, from <paramref name="command"/> on.</summary>
    /// <exception cref="UsageException">A word is no verb.</exception>
    public static Command Find(Command command, IEnumerable<string> words)
    {
        foreach (var word in words)
        {
            command = command.Subcommands.FirstOrDefault(verb => verb.Name == word && !verb.Hidden)
                ?? throw new UsageException(UsageComplaints.NoVerb(command, word));
        }

        return command;
    }
}
