using System.CommandLine;

namespace OverlayImg.Cli.Verbs;

/// <summary>A verb of the tool.</summary>
/// <param name="name">In kebab-case.</param>
/// <param name="description">What it does, for its help.</param>
internal sealed class Verb(string name, string description) : Command(name, description)
{
    /// <summary>Command lines that work when they are copied; the help ends with them.</summary>
    public required string Examples { get; init; }
}
