using System.CommandLine;
using System.Reflection;
using System.Text;
using OverlayImg.Cli.Exits;
using OverlayImg.Cli.Manual;
using OverlayImg.Cli.Options;

namespace OverlayImg.Cli.Verbs;

/// <summary>The hidden verb that writes the man pages, which packages install. tools/man runs it.</summary>
internal static class ManVerb
{
    public static Command Create()
    {
        var directory = new Argument<string>("DIRECTORY") { Description = "Directory for the man pages, which is created if it is missing." };
        var command = new Command("__man", "Writes the man pages.") { Hidden = true };
        command.Add(directory);
        command.SetAction(parsed => Write((ToolCommand)parsed.RootCommandResult.Command, parsed.GetValue(directory)!));
        return command;
    }

    /// <summary>The man pages of the tool and of all verbs: the name of the file, and its text.</summary>
    /// <param name="date">The date in the pages' footers.</param>
    public static IEnumerable<(string File, string Text)> Pages(ToolCommand tool, DateOnly date)
    {
        var roff = new RoffPage(Version, date);
        return CommandsOf(tool).Select(command =>
        {
            var page = VerbManual.Of(command);
            return ($"{RoffPage.NameOf(page.Command)}.1", roff.Write(page, CommonSections.All, RelatedTo(command)));
        });
    }

    // The informational version has the commit after a plus sign.
    private static string Version =>
        typeof(ManVerb).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    private static int Write(ToolCommand tool, string directory)
    {
        Directory.CreateDirectory(directory);
        var date = DateOnly.FromDateTime(DateTimeOffset.FromUnixTimeSeconds(SourceDateEpoch.Read().Seconds).UtcDateTime);
        foreach (var (file, text) in Pages(tool, date)) File.WriteAllBytes(Path.Combine(directory, file), Encoding.UTF8.GetBytes(text));
        return ExitCodes.Done;
    }

    private static IEnumerable<Command> CommandsOf(Command command) =>
        command.Subcommands.Where(verb => !verb.Hidden).SelectMany(CommandsOf).Prepend(command);

    // The tool's page leads to all verbs, and each verb's page to the pages above and below.
    private static IEnumerable<string> RelatedTo(Command command)
    {
        var below = command.Subcommands.Where(verb => !verb.Hidden);
        return CommandNames.Path(command).SkipLast(1).Concat(below).Select(CommandNames.Of);
    }
}
