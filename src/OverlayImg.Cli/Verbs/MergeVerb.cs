using System.CommandLine;
using OverlayImg.Builders;
using OverlayImg.Cli.Completion;
using OverlayImg.Cli.Options;
using OverlayImg.Cli.Reporting;
using OverlayImg.Images.Outputs;

namespace OverlayImg.Cli.Verbs;

/// <summary><c>overlayimg merge</c>: merges directories and tarballs, as dockerTools' mergeDrvs does.</summary>
internal static class MergeVerb
{
    public static Command Create()
    {
        var items = new Argument<string[]>("ITEM")
        {
            Description = "Directories and tarballs to merge; files of later ones win.",
            Arity = ArgumentArity.OneOrMore,
        }.CompletesFiles();
        var output = new Option<string?>("--output", "-o")
        {
            Description = "Tar to write: a path that ends with .tar, or with .tar.gz or .tar.zst to compress it; - writes to stdout. " +
                "A path that ends with a slash is a directory to create.",
            HelpName = "OUT",
        }.CompletesFiles();
        var onlyDeps = new Option<bool>("--only-deps")
        {
            Description = "Print the ITEMs on one line instead of merging them, for build scripts that need the list of inputs.",
        };
        var maxSize = new MaxSizeOption();
        var noXattrs = new Option<bool>("--no-xattrs")
        {
            Description = "Leave out extended attributes of files, including file capabilities and ACLs.",
        }.Sets(FileSystemSetting.ExtendedAttributes);
        var command = new Verb("merge", "Merges directories and tarballs into one tar or directory.")
        {
            Summary = "Merges directories and tarballs into one.",
            Examples = """
              overlayimg merge ./rootfs app.tar.gz -o merged.tar
              overlayimg merge ./rootfs app.tar.gz -o merged/
              overlayimg merge ./a ./b -o - | tar -t
            """,
        };
        command.Add(items);
        command.Add(OptionSection.Main, output, onlyDeps);
        command.Add(OptionSection.Attributes, noXattrs);
        maxSize.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(onlyDeps) == result.GetValue(output) is not null)
                result.AddError("Give either -o OUT, or --only-deps, which prints the paths of the ITEMs.");
            if (result.GetValue(output) == "-" && result.GetValue(CommonOptions.Json))
                result.AddError("-o - and --json would both write to stdout: give one of the two.");
        });
        VerbRunner.Attach(command, new Rendering<MergeOutcome>(
            (writer, outcome, warnings) =>
            {
                writer.WriteTexts("items", outcome.Items);
                if (outcome.Result is { } result)
                {
                    writer.WriteString("output", result.Output);
                    writer.WriteNumber("entries", result.Entries);
                    writer.WriteNumber("size", result.Size);
                }

                writer.WriteTexts("warnings", warnings);
            },
            ShowAsync), async (parsed, session) =>
        {
            var paths = parsed.GetValue(items)!;
            if (parsed.GetValue(onlyDeps)) return new(ContentsMerge.Existing(paths), null);
            var options = new MergeOptions
            {
                Items = paths,
                Output = parsed.GetValue(output)!,
                KeepExtendedAttributes = !parsed.GetValue(noXattrs),
                FileTime = SourceDateEpoch.Read(),
                MaximumSize = maxSize.Read(parsed),
            };
            if (!options.Output.EndsWith('/')) _ = Values.Understood(() => TarDestination.Parse(options.Output));
            if (options.Output == "-" && !Console.IsOutputRedirected)
                throw new UsageException("The tar is binary data and is not written to a terminal: redirect stdout, or name a file with -o.");
            return new(paths, await ContentsMerge.RunAsync(options, session));
        }, onlyReads: true);
        return command;
    }

    // mergeDrvs' onlyDeps prints the paths on one line, too.
    private static Task ShowAsync(MergeOutcome outcome, Reporter reporter)
    {
        if (outcome.Result is not { } result) return Listing.PrintAsync(string.Join(' ', outcome.Items) + "\n");
        if (result.Output == "-") return Task.CompletedTask;
        reporter.Line($"{result.Output}: {Counted.Of(result.Entries, "entry", "entries")}, {SizeText.Format(result.Size)}");
        reporter.Closing(null, null);
        return Task.CompletedTask;
    }

    /// <param name="Items">The paths as given on the command line.</param>
    /// <param name="Result">The written tar or directory; null with <c>--only-deps</c>.</param>
    private sealed record MergeOutcome(IReadOnlyList<string> Items, MergeResult? Result);
}
