using System.CommandLine;

namespace OverlayImg.Cli.Verbs;

/// <summary>Names commands as users write them.</summary>
internal static class CommandNames
{
    /// <summary>The name of the tool.</summary>
    public const string Tool = "overlayimg";

    /// <summary>The command with the verbs before it, such as "overlayimg cache ls".</summary>
    public static string Of(Command command) =>
        string.Join(' ', Path(command).Select(part => part is RootCommand ? Tool : part.Name));

    /// <summary>The tool, the verb, and the verbs below it, down to the command.</summary>
    public static IEnumerable<Command> Path(Command command) =>
        command.Parents.OfType<Command>().SelectMany(Path).Append(command);
}
