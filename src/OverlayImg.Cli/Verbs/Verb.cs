using System.CommandLine;

namespace OverlayImg.Cli.Verbs;

/// <summary>A verb of the tool, with examples for its help.</summary>
/// <param name="name">The name on the command line, in kebab-case.</param>
/// <param name="description">A sentence that begins with a verb in the third person, such as "Builds an image.", for the help.</param>
internal sealed class Verb(string name, string description) : Command(name, description)
{
    /// <summary>Command lines at the end of the help. They work when they are copied.</summary>
    public required string Examples { get; init; }
}
