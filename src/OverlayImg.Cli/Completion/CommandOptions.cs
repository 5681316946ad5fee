using System.CommandLine;

namespace OverlayImg.Cli.Completion;

/// <summary>The options that a command line of a command can have.</summary>
internal static class CommandOptions
{
    /// <summary>The options of the command, and the options of its parents that every verb has. Hidden options are included.</summary>
    public static IEnumerable<Option> AllOptions(this Command command) => command.Options.Concat(Inherited(command));

    private static IEnumerable<Option> Inherited(Command command) => command.Parents.OfType<Command>()
        .SelectMany(parent => parent.Options.Where(option => option.Recursive).Concat(Inherited(parent)));
}
