using System.CommandLine;
using System.CommandLine.Help;
using OverlayImg.Cli.Options;

namespace OverlayImg.Cli.Verbs;

/// <summary>The tool's command line: its verbs, and the options that all verbs share.</summary>
internal static class CommandLine
{
    public static RootCommand Create()
    {
        var root = new ToolCommand(
        [
            new("Make images", BuildVerb.Create(), LayeredVerbs.CreateBuild(), LayeredVerbs.CreateStream(), MergeImagesVerb.Create()),
            new("Make layers", LayerVerb.Create(), RootLayerVerb.Create(), RunVerb.Create(), MergeVerb.Create(), SnippetVerb.Create()),
            new("Move images", PullVerb.Create(), CopyVerb.CreatePush(), CopyVerb.CreateCopy(), ExportVerb.Create()),
            new("Look into images", InspectVerb.Create(), DiffVerb.Create(), ValidateVerb.Create(), TarSumVerb.Create()),
            new("Look after this machine", DoctorVerb.Create(), CacheVerb.Create(), CompletionVerb.Create(), HelpVerb.Create()),
        ]);
        root.Add(CompletionVerb.CreateAnswer());
        root.Add(ManVerb.Create());
        root.Add(OptionSection.Common,
            CommonOptions.Json, CommonOptions.Quiet, CommonOptions.Verbose, CommonOptions.CacheDirectory, CommonOptions.CacheLimit);
        foreach (var option in root.Options.Where(option => option is HelpOption or VersionOption)) option.Within(OptionSection.Common);
        Help.AttachTo(root);
        return root;
    }
}
