using System.CommandLine;
using OverlayImg.Cli.Completion;
using OverlayImg.Closures;

namespace OverlayImg.Cli.Options;

/// <summary><c>--closure</c>: the file with the Nix store paths of a layer.</summary>
internal static class ClosureOption
{
    /// <summary>What <c>--closure</c> does with the store paths of one new layer, and the forms of its file, for the help.</summary>
    public const string Forms =
        "File that lists Nix store paths to add to the new layer, at the same paths and owned by root, except those that the base image has. " +
        "Forms of the file: exportReferencesGraph, closureInfo's registration, nix path-info --json --recursive, or one path per line.";

    /// <param name="defaultText">The store paths without the option, for the help.</param>
    public static Option<string?> Create(string defaultText) => new Option<string?>("--closure")
    {
        Description = $"{Forms} [default: {defaultText}]",
        HelpName = "FILE",
    }.CompletesFiles().Sets(ClosureSetting.File);
}
