using System.CommandLine;
using OverlayImg.Builders;
using OverlayImg.Cli.Options;
using OverlayImg.Cli.Reporting;

namespace OverlayImg.Cli.Verbs;

/// <summary><c>overlayimg snippet</c>: dockerTools' shadowSetup, fakeNss and their kin, as text.</summary>
internal static class SnippetVerb
{
    public static Command Create()
    {
        var name = new Argument<string?>("NAME") { Description = "Which one; without it they are listed.", Arity = ArgumentArity.ZeroOrOne };
        name.AcceptOnlyFromAmong([.. Snippet.All.Select(snippet => snippet.Name)]);
        var command = new Verb("snippet", "Prints a ready piece of bash for a script that runs as root in an image.")
        {
            Examples = """
              overlayimg snippet
              overlayimg snippet shadow-setup >> setup.sh
              { overlayimg snippet ca-certificates; cat setup.sh; } | overlayimg root-layer --from base.tar --run-as-root - -o layer
            """,
        };
        command.Add(name);
        VerbRunner.Attach(command, new Rendering<Printed>(
            (writer, printed, warnings) =>
            {
                if (printed.Text is not null) writer.WriteString("text", printed.Text);
                else
                {
                    writer.WriteStartObject("snippets");
                    foreach (var snippet in Snippet.All) writer.WriteString(snippet.Name, Summary(snippet, command));
                    writer.WriteEndObject();
                }

                writer.WriteTexts("warnings", warnings);
            },
            (printed, _) => Listing.PrintAsync(printed.Text ?? List(command))),
            (parsed, _) => Task.FromResult(new Printed(parsed.GetValue(name) is { } wanted ? Snippet.Find(wanted)!.Read() : null)));
        return command;
    }

    private static string List(Command command) => string.Concat(Snippet.All.Select(snippet => $"{snippet.Name,-16} {Summary(snippet, command)}\n"));

    // The option that does the same is one of another verb.
    private static string Summary(Snippet snippet, Command command)
    {
        var verbs = command.Parents.OfType<Command>().SelectMany(root => root.Subcommands);
        var option = verbs.Select(verb => verb.OptionFor(snippet.Setting)).First(option => option is not null)!;
        return $"{snippet.Summary}: what {option.Name} does";
    }

    /// <param name="Text">The snippet; null for the list.</param>
    private sealed record Printed(string? Text);
}
