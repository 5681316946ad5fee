using System.CommandLine;
using System.Text.Json;
using OverlayImg.Builders;
using OverlayImg.Cli.Exits;
using OverlayImg.Cli.Options;
using OverlayImg.Cli.Reporting;

namespace OverlayImg.Cli.Verbs;

/// <summary><c>overlayimg doctor</c>: checks whether this machine has what the tool needs.</summary>
internal static class DoctorVerb
{
    public static Command Create()
    {
        var command = new Verb("doctor",
            "Checks whether this machine has what the tool needs, and says what to install. KVM is checked by starting a guest VM with it.")
        {
            Summary = "Checks this machine, and says what to install.",
            Examples = """
              overlayimg doctor
              overlayimg doctor --json
            """,
        };
        var names = new OptionNames(command);
        VerbRunner.Attach(
            command, new Rendering<IReadOnlyList<Finding>>(
                (writer, findings, warnings) => WriteJson(writer, findings, warnings, names), (findings, _) => ShowAsync(findings, names),
                findings => findings.Any(finding => finding.Health == Health.Missing) ? ExitCodes.Machine : ExitCodes.Done),
            (_, session) => Doctor.ExamineAsync(session));
        return command;
    }

    private static void WriteJson(Utf8JsonWriter writer, IReadOnlyList<Finding> findings, IReadOnlyList<string> warnings, OptionNames names)
    {
        writer.WriteStartArray("findings");
        foreach (var finding in findings)
        {
            writer.WriteStartObject();
            writer.WriteString("subject", finding.Subject);
            writer.WriteString("health", Word(finding.Health));
            writer.WriteString("detail", finding.Detail);
            if (finding.Advice is not null) writer.WriteString("advice", names.Complete(finding.Advice));
            if (finding.Slowdown is { } slowdown) writer.WriteNumber("slowdown", Math.Round(slowdown, 1));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteTexts("warnings", warnings);
    }

    // The listing is the result of the verb, so it goes to stdout.
    private static Task ShowAsync(IReadOnlyList<Finding> findings, OptionNames names)
    {
        using var listing = new Listing();
        var width = findings.Max(finding => finding.Subject.Length);
        foreach (var finding in findings)
        {
            listing.AddStyled(Word(finding.Health).PadRight(7), Colour(finding.Health));
            listing.AddLine($" {finding.Subject.PadRight(width)}  {finding.Detail}");
            if (finding.Advice is not null) listing.AddLine($"{new string(' ', 8 + width)}  {names.Complete(finding.Advice)}");
        }

        listing.Flush();
        return Task.CompletedTask;
    }

    private static string Word(Health health) => health switch { Health.Good => "ok", Health.Limited => "limited", _ => "missing" };

    // SGR numbers of ECMA-48: 32 is green, 33 is yellow, 31 is red.
    private static int Colour(Health health) => health switch { Health.Good => 32, Health.Limited => 33, _ => 31 };
}
