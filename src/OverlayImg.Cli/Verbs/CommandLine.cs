using System.CommandLine;
using OverlayImg.Cli.Options;

namespace OverlayImg.Cli.Verbs;

/// <summary>The tool's command line: its verbs, and the options that all verbs share.</summary>
internal static class CommandLine
{
    public static RootCommand Create()
    {
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
        return root;
    }
}
