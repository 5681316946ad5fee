using System.CommandLine;

namespace OverlayImg.Cli.Options;

/// <summary>Completes the texts of lower floors by the names of the options that set what the texts speak of.</summary>
/// <param name="verb">The verb that runs; null where none is known. Only options that it has are named.</param>
internal sealed class OptionNames(Command? verb)
{
    /// <summary>The advice with its options: "Give the guest more memory (--memory)."</summary>
    public string Complete(Advice advice) => Complete(advice.Text, advice.Settings);

    /// <summary>A text with the options of the settings that its last sentence speaks of.</summary>
    public string Complete(string text, IReadOnlyList<Setting> settings)
    {
        string[] names = [.. settings.Select(setting => verb?.OptionFor(setting)?.Name).OfType<string>().Distinct()];
        if (names.Length == 0) return text;
        var options = $" ({string.Join(", ", names)})";
        return text is [.. var sentence, '.'] ? $"{sentence}{options}." : text + options;
    }
}
