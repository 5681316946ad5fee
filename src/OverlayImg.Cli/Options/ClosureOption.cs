using System.CommandLine;
using OverlayImg.Closures;

namespace OverlayImg.Cli.Options;

/// <summary>The option that names the store paths of a layer.</summary>
internal static class ClosureOption
{
    public static Option<string?> Create(string defaultText) => new Option<string?>("--closure")
    {
        Description = "Store paths that go to the new layer at the same paths, owned by root, unless the base image has them there: " +
            "exportReferencesGraph, closureInfo's registration, nix path-info --json --recursive, or one path per line. " +
            $"[default: {defaultText}, found by scanning]",
        HelpName = "FILE",
    }.Sets(ClosureSetting.File);
}
