using System.CommandLine;
using OverlayImg.Builders;
using OverlayImg.Cli.Options;
using OverlayImg.Cli.Reporting;
using OverlayImg.Images.Outputs;

namespace OverlayImg.Cli.Verbs;

/// <summary><c>overlayimg merge</c>: dockerTools' mergeDrvs.</summary>
internal static class MergeVerb
{
    public static Command Create()
    {
        var items = new Argument<string[]>("ITEM") { Description = "Directories and tarballs; later ones win.", Arity = ArgumentArity.OneOrMore };
        var output = new Option<string?>("--output", "-o")
        {
            Description = "A .tar to write, or a compressed one (.tar.gz, .tar.zst); - is stdout. With a slash at its end, a directory to make.",
            HelpName = "OUT",
        };
        var onlyDeps = new Option<bool>("--only-deps") { Description = "Print the paths of the items, and merge nothing." };
        var maxSize = new MaxSizeOption();
        var noXattrs = new Option<bool>("--no-xattrs") { Description = "Leave extended attributes out." }.Sets(FileSystemSetting.ExtendedAttributes);
        var command = new Verb("merge", "Merges directories and tarballs into one tar or directory.")
        {
            Examples = """
              overlayimg merge ./rootfs app.tar.gz -o merged.tar
              overlayimg merge ./rootfs app.tar.gz -o merged/
              overlayimg merge ./a ./b -o - | tar -t
            """,
        };
        command.Add(items);
        foreach (var option in new Option[] { output, onlyDeps, noXattrs }) command.Add(option);
        maxSize.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(onlyDeps) == result.GetValue(output) is not null)
                result.AddError("Give either -o OUT, or --only-deps, which prints the items' paths.");
            if (result.GetValue(output) == "-" && result.GetValue(CommonOptions.Json))
                result.AddError("-o - and --json would both write to stdout: choose one.");
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
                throw new UsageException("A tar is nothing for a terminal: redirect stdout, or give -o FILE.");
            return new(paths, await ContentsMerge.RunAsync(options, session));
        }, onlyReads: true);
        return command;
    }

    // As the original: the paths in one line.
    private static Task ShowAsync(MergeOutcome outcome, Reporter reporter)
    {
        if (outcome.Result is not { } result) return Listing.PrintAsync(string.Join(' ', outcome.Items) + "\n");
        if (result.Output != "-") reporter.Line($"{result.Output}: {Counted.Of(result.Entries, "entry", "entries")}, {SizeText.Format(result.Size)}");
        return Task.CompletedTask;
    }

    /// <param name="Items">The items.</param>
    /// <param name="Result">What they became; null with --only-deps.</param>
    private sealed record MergeOutcome(IReadOnlyList<string> Items, MergeResult? Result);
}
