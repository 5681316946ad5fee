using System.CommandLine;
using OverlayImg.Cli.Completion;
using OverlayImg.Layers.Scripts;

namespace OverlayImg.Cli.Options;

/// <summary>Options that name a script; <c>-</c> reads the script from stdin.</summary>
internal static class ScriptOption
{
    public static Option<string?> Create(string name, string description) =>
        new Option<string?>(name) { Description = description, HelpName = "FILE" }.CompletesFiles();

    /// <summary>Reads the script that the option names; null if the option is not given.</summary>
    /// <exception cref="InputException">The script can't be read, or is larger than 16 MiB.</exception>
    public static async Task<Script?> ReadAsync(this ParseResult parsed, Option<string?> option, CancellationToken cancellationToken) =>
        parsed.GetValue(option) is { } path ? await Script.ReadAsync(path, cancellationToken) : null;
}
