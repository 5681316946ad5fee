using System.Text.Json;
using OverlayImg.Cli.Exits;

namespace OverlayImg.Cli.Reporting;

/// <summary>How a verb's result is shown.</summary>
/// <param name="Json">Writes the members of the JSON object; the warnings of the run are given to it.</param>
/// <param name="Text">Shows it to a person.</param>
/// <param name="ExitCode">The exit code that the result means.</param>
internal sealed record Rendering<T>(Action<Utf8JsonWriter, T, IReadOnlyList<string>> Json, Func<T, Reporter, Task> Text, Func<T, int> ExitCode)
{
    /// <summary>For results that are always a success.</summary>
    public Rendering(Action<Utf8JsonWriter, T, IReadOnlyList<string>> json, Func<T, Reporter, Task> text) : this(json, text, _ => ExitCodes.Done)
    {
    }
}
