using System.CommandLine;

namespace OverlayImg.Cli.Verbs;

/// <summary>A verb of the tool, with examples for its help.</summary>
/// <param name="name">The name on the command line, in kebab-case.</param>
/// <param name="description">A sentence that begins with a verb in the third person, such as "Builds an image.", for the help.</param>
internal sealed class Verb(string name, string description) : Command(name, description)
{
    /// <summary>Command lines for the help, one per line. They work when they are copied.</summary>
    public required string Examples { get; init; }

    /// <summary>The verb in one line of the tool's help, when the first sentence of the description is too long for that.</summary>
    public string Summary { get; init; } = description.Contains(". ", StringComparison.Ordinal)
        ? description[..(description.IndexOf(". ", StringComparison.Ordinal) + 1)] : description;

    /// <summary>The lines of <see cref="Examples"/> without their indentation.</summary>
    public IReadOnlyList<string> ExampleLines => Examples.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
