using System.CommandLine;
using System.CommandLine.Parsing;
using OverlayImg.Cli;
using OverlayImg.Cli.Options;
using OverlayImg.Cli.Verbs;
using OverlayImg.Images;

if (args.Length > 0) Rehearsal.Begin();
var root = new RootCommand("Makes container images as plain files: no daemon, no root, no registry, no KVM needed.");
(string Name, Func<Command> Create)[] verbs =
[
    ("build", BuildVerb.Create), ("build-layered", LayeredVerbs.CreateBuild), ("stream-layered", LayeredVerbs.CreateStream),
    ("layer", LayerVerb.Create), ("root-layer", RootLayerVerb.Create), ("run", RunVerb.Create),
    ("pull", PullVerb.Create), ("push", CopyVerb.CreatePush), ("copy", CopyVerb.CreateCopy),
    ("export", ExportVerb.Create), ("inspect", InspectVerb.Create), ("diff", DiffVerb.Create), ("validate", ValidateVerb.Create),
    ("merge", MergeVerb.Create), ("merge-images", MergeImagesVerb.Create), ("snippet", SnippetVerb.Create), ("tarsum", TarSumVerb.Create),
    ("cache", CacheVerb.Create), ("doctor", DoctorVerb.Create),
];
// Where the command line begins with a verb, the options of all the others need not be made.
var asked = Array.FindAll(verbs, verb => args is [var first, ..] && first == verb.Name);
foreach (var (_, create) in asked.Length > 0 ? asked : verbs) root.Add(create());
Option[] common = [CommonOptions.Json, CommonOptions.Quiet, CommonOptions.Verbose, CommonOptions.CacheDirectory, CommonOptions.CacheLimit];
foreach (var option in common) root.Add(option);
Help.AddExamples(root);

var parsed = root.Parse(args);
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
