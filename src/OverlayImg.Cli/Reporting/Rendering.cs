using System.Text.Json;
using OverlayImg.Cli.Exits;

namespace OverlayImg.Cli.Reporting;

/// <summary>The output of a verb's result.</summary>
/// <param name="Json">Writes the members of the JSON object, given the result and the warnings of the run.</param>
/// <param name="Text">Prints the result for people.</param>
/// <param name="ExitCode">Returns the exit code for the result.</param>
internal sealed record Rendering<T>(Action<Utf8JsonWriter, T, IReadOnlyList<string>> Json, Func<T, Reporter, Task> Text, Func<T, int> ExitCode)
{
    /// <summary>The output of a result whose exit code is always 0.</summary>
    public Rendering(Action<Utf8JsonWriter, T, IReadOnlyList<string>> json, Func<T, Reporter, Task> text) : this(json, text, _ => ExitCodes.Done)
    {
    }
}
