using System.CommandLine;
using System.CommandLine.Parsing;
using OverlayImg.Cli;
using OverlayImg.Cli.Options;
using OverlayImg.Cli.Verbs;

var root = new RootCommand("Makes container images as plain files: no daemon, no root, no registry, no KVM needed.");
Command[] verbs =
[
    BuildVerb.Create(), LayeredVerbs.CreateBuild(), LayeredVerbs.CreateStream(), LayerVerb.Create(), RootLayerVerb.Create(), RunVerb.Create(),
    PullVerb.Create(), CopyVerb.CreatePush(), CopyVerb.CreateCopy(),
    ExportVerb.Create(), InspectVerb.Create(), DiffVerb.Create(), ValidateVerb.Create(),
    MergeVerb.Create(), MergeImagesVerb.Create(), SnippetVerb.Create(), TarSumVerb.Create(), CacheVerb.Create(), DoctorVerb.Create(),
];
foreach (var verb in verbs) root.Add(verb);
Option[] common = [CommonOptions.Json, CommonOptions.Quiet, CommonOptions.Verbose, CommonOptions.CacheDirectory, CommonOptions.CacheLimit];
foreach (var option in common) root.Add(option);
Help.AddExamples(root);

// A word that begins with @ is that word, and names no file with options.
var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
if (parsed.Errors.Count > 0)
{
    foreach (var error in parsed.Errors) Console.Error.WriteLine($"overlayimg: {error.Message}");
    Console.Error.WriteLine($"See '{string.Join(' ', NamesOf(parsed.CommandResult).Reverse())} --help'.");
    return ExitCodes.Usage;
}

// Ctrl-C and SIGTERM cancel; a verb then ends its guest and removes what it wrote, which may take a moment.
return await parsed.InvokeAsync(
    new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(10) });

static IEnumerable<string> NamesOf(SymbolResult? command)
{
    for (; command is CommandResult { Command: var symbol }; command = command.Parent) yield return symbol is RootCommand ? "overlayimg" : symbol.Name;
}
