using System.CommandLine;
using OverlayImg.Cli.Completion;

namespace OverlayImg.Cli.Options;

/// <summary>The interactive shell of <c>root-layer</c>, which opens on a terminal if there is nothing else to run.</summary>
/// <param name="steps">The scripts and commands of the verb, which replace the shell.</param>
/// <param name="around">Options for what else the verb can run, which is enough to run without a shell.</param>
internal sealed class ShellOptions(StepOptions steps, params Option[] around)
{
    // What these options do needs the same commands in another run.
    private static readonly (string Name, string Why)[] Refused =
    [
        ("--check", "runs the scripts twice"), ("--reuse", "takes the layer of an earlier run of the same scripts"),
    ];

    private readonly Option<string?> _keepScript = new Option<string?>("--keep-script")
    {
        Description = "Write the commands that are typed in the interactive shell to FILE, as a script for --run-as-root. " +
            "Commands that failed become comments. What is typed into other programs is not recorded.",
        HelpName = "FILE",
    }.CompletesFiles();

    /// <summary>The option, for the help.</summary>
    public Option Option => _keepScript;

    /// <summary>The path of the script that gets the commands; null for none.</summary>
    public string? KeepScript(ParseResult parsed) => parsed.GetValue(_keepScript);

    /// <summary>Whether the run opens a shell. Wrong usage is reported.</summary>
    /// <param name="hasTerminal">Whether standard input and standard error are terminals.</param>
    /// <param name="readsStandardInput">Whether another option reads stdin.</param>
    /// <exception cref="UsageException">There is nothing to run, or an option does not fit a shell.</exception>
    public bool IsWanted(ParseResult parsed, bool hasTerminal, bool readsStandardInput)
    {
        var isKept = parsed.IsGiven(_keepScript);
        if (steps.AnyGiven(parsed))
        {
            if (isKept)
                throw new UsageException(
                    $"{_keepScript.Name} keeps the commands of the interactive shell, which opens only without --run-as-root and --run: " +
                    $"leave {_keepScript.Name} out.");
            return false;
        }

        if (KeepScript(parsed) == InputFile.StandardInput)
            throw new UsageException($"{_keepScript.Name} writes a file, and '-' is none: give a path.");
        if (!isKept && around.Any(parsed.IsGiven)) return false;
        if (!hasTerminal)
            throw new UsageException((isKept ? $"{_keepScript.Name} needs the interactive shell, which opens" : "There is nothing to run: " +
                "give --run-as-root FILE (or - for stdin) or --run 'COMMANDS'. The interactive shell opens") +
                " only if stdin and stderr are a terminal.");
        if (readsStandardInput)
            throw new UsageException("The interactive shell reads the terminal, so stdin can't be read for -: name a file instead.");
        foreach (var (name, why) in Refused)
        {
            if (parsed.CommandResult.Command.Options.FirstOrDefault(option => option.Name == name) is { } option && parsed.IsGiven(option))
                throw new UsageException(
                    $"{name} {why}, and what is typed in the interactive shell is not known before: " +
                    $"leave {name} out, or give --run-as-root or --run.");
        }

        return true;
    }
}
