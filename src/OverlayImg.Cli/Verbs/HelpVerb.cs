using System.CommandLine;
using OverlayImg.Cli.Options;

namespace OverlayImg.Cli.Verbs;

/// <summary><c>overlayimg help</c>: prints the help of the tool or of a verb.</summary>
internal static class HelpVerb
{
    public static Command Create()
    {
        var verbs = new Argument<string[]>("VERB")
        {
            Description = "The verb to explain, such as build, or cache ls. Without a verb the help lists all verbs.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new Verb("help", "Prints the help of a verb, or the list of all verbs.")
        {
            Examples = """
              overlayimg help build
              overlayimg help cache ls
            """,
        };
        command.Add(verbs);
        command.SetAction(parsed => Help.Print(Find(parsed.RootCommandResult.Command, parsed.GetValue(verbs)!)));
        return command;
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
