using System.CommandLine;
using OverlayImg.Cli.Completion;
using OverlayImg.Images.Settings;
using OverlayImg.Layers.Scripts;
using OverlayImg.Sandbox.Jobs;

namespace OverlayImg.Cli.Options;

/// <summary><c>--run-as-root</c> and <c>--run</c>: the scripts and commands that run in the image, in the order of the command line.</summary>
internal sealed class StepOptions
{
    private readonly Option<string[]> _scripts = new Option<string[]>("--run-as-root")
    {
        Description = "Script to run as root in the image's file system, in a guest VM; - reads it from stdin. Its changes go to the new layer. " +
            "The program of its #! line runs it if the image has that program; otherwise bash -e runs it. " +
            "Repeatable, also together with --run: all run one after the other, in the order given.",
        HelpName = "FILE",
        DefaultValueFactory = _ => [],
    }.CompletesFiles().Sets(ImageSetting.RootScript);

    private readonly Option<string[]> _commands = new("--run")
    {
        Description = "Commands to run as root in the image's file system, in a guest VM, like RUN in a Dockerfile: by /bin/sh of the image. " +
            "Unlike RUN, they stop at the first command that fails (sh -e). Repeatable, also together with --run-as-root.",
        HelpName = "COMMANDS",
        DefaultValueFactory = _ => [],
    };

    /// <summary>The options, for the help.</summary>
    public IReadOnlyList<Option> All => [_scripts, _commands];

    /// <summary>Whether any step is on the command line.</summary>
    public bool AnyGiven(ParseResult parsed) => All.Any(parsed.IsGiven);

    /// <summary>Whether each of the scripts reads stdin.</summary>
    public IEnumerable<bool> ReadsStandardInput(ParseResult parsed) => parsed.GetValue(_scripts)!.Select(path => path == InputFile.StandardInput);

    /// <summary>Reads the steps in the order of the command line.</summary>
    /// <exception cref="UsageException">There are too many steps, or commands are empty or too long.</exception>
    /// <exception cref="InputException">A script can't be read, or has Windows line ends.</exception>
    public async Task<IReadOnlyList<Script>> ReadAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (paths, commands) = (new Queue<string>(parsed.GetValue(_scripts)!), new Queue<string>(parsed.GetValue(_commands)!));
        if (paths.Count + commands.Count > JobStep.MaximumCount)
            throw new UsageException($"--run-as-root and --run: a run can have at most {JobStep.MaximumCount} of them.");
        if (commands.FirstOrDefault(text => string.IsNullOrWhiteSpace(text)) is not null)
            throw new UsageException("--run takes commands, and '' has none: give commands such as 'apt-get update'.");
        var steps = new List<Script>();
        foreach (var option in parsed.InOrder(_scripts, _commands))
            steps.Add(option == _scripts ? await Script.ReadAsync(paths.Dequeue(), cancellationToken) : Script.Commands(commands.Dequeue()));
        return steps;
    }
}
