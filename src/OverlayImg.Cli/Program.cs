using System.CommandLine;
using OverlayImg.Cli;
using OverlayImg.Cli.Options;
using OverlayImg.Cli.Verbs;

var root = new RootCommand("Makes container images as plain files: no daemon, no root, no registry, no KVM needed.")
{
    RootLayerVerb.Create(), RunVerb.Create(), MergeImagesVerb.Create(),
    ExportVerb.Create(), DiffVerb.Create(), TarSumVerb.Create(), DoctorVerb.Create(),
};
foreach (var option in new Option[] { CommonOptions.Json, CommonOptions.Quiet, CommonOptions.Verbose, CommonOptions.CacheDirectory })
    root.Add(option);
Help.AddExamples(root);

var parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    foreach (var error in parsed.Errors) Console.Error.WriteLine($"overlayimg: {error.Message}");
    Console.Error.WriteLine($"See 'overlayimg {(parsed.CommandResult.Command == root ? "" : parsed.CommandResult.Command.Name + " ")}--help'.");
    return ExitCodes.Usage;
}

// Ctrl-C and SIGTERM cancel; a verb then ends its guest and removes what it wrote, which may take a moment.
return await parsed.InvokeAsync(
    new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(10) });
