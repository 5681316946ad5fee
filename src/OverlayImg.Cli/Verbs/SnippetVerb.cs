using System.CommandLine;
using OverlayImg.Builders;
using OverlayImg.Cli.Options;
using OverlayImg.Cli.Reporting;

namespace OverlayImg.Cli.Verbs;

/// <summary><c>overlayimg snippet</c>: prints dockerTools' shadowSetup, fakeNss and similar helpers as bash code.</summary>
internal static class SnippetVerb
{
    public static Command Create()
    {
        var name = new Argument<string?>("NAME")
        {
            Description = "Name of the snippet to print. Without it the names of all snippets are listed.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        name.AcceptOnly("snippet", [.. Snippet.All.Select(snippet => snippet.Name)]);
        var command = new Verb("snippet", "Prints a piece of bash code to put into a script that runs as root in an image.")
        {
            Summary = "Prints a piece of bash for a script in an image.",
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

    // The option with the same effect belongs to other verbs.
    private static string Summary(Snippet snippet, Command command)
    {
        var verbs = command.Parents.OfType<Command>().SelectMany(root => root.Subcommands);
        var option = verbs.Select(verb => verb.OptionFor(snippet.Setting)).First(option => option is not null)!;
        return $"{snippet.Summary}: what {option.Name} does";
    }

    /// <param name="Text">The text of the snippet; null for the list of all snippets.</param>
    private sealed record Printed(string? Text);
}
