using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using OverlayImg.Cli.Exits;
using OverlayImg.Cli.Manual;
using OverlayImg.Cli.Reporting;

namespace OverlayImg.Cli.Verbs;

/// <summary>Prints the help of the tool and of each verb.</summary>
internal static class Help
{
    // Lines of prose with more columns are hard to read.
    private const int MostColumns = 100, LeastColumns = 20;
    private const int Bold = 1;

    /// <summary>Makes this help that of <c>--help</c> and of the tool without a verb.</summary>
    public static void AttachTo(RootCommand root)
    {
        root.Options.OfType<HelpOption>().Single().Action = new HelpOptionAction();
        root.SetAction(parsed => Print(parsed.CommandResult.Command));
    }

    /// <summary>Prints the help of a command, and returns the exit code.</summary>
    public static int Print(Command command)
    {
        var page = VerbManual.Of(command);
        if (Invocation.Current.PrintsJson)
        {
            var text = string.Concat(HelpText.Lines(page, Listing.PipeWidth).Select(line => line.Text + "\n"));
            JsonOutput.Print(writer => writer.WriteString("help", text));
            return ExitCodes.Done;
        }

        using var listing = new Listing();
        foreach (var line in HelpText.Lines(page, Math.Clamp(listing.Width, LeastColumns, MostColumns)))
        {
            if (line.IsHeading) listing.AddStyled(line.Text, Bold);
            else listing.Add(line.Text);
            listing.AddLine();
        }

        listing.Flush();
        return ExitCodes.Done;
    }

    private sealed class HelpOptionAction : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult) => Print(parseResult.CommandResult.Command);
    }
}
