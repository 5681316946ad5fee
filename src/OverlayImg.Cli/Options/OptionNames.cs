using System.CommandLine;

namespace OverlayImg.Cli.Options;

/// <summary>Adds the names of options to messages of lower layers, which name only settings.</summary>
/// <param name="verb">The running verb, whose options are named; null before the command line is parsed, when no option is named.</param>
internal sealed class OptionNames(Command? verb)
{
    /// <summary>The text of the advice with the names of its options, such as "Give the guest more memory (--memory)."</summary>
    public string Complete(Advice advice) => Complete(advice.Text, advice.Settings);

    /// <summary>A text, with the names of the options for <paramref name="settings"/> at the end of its last sentence.</summary>
    public string Complete(string text, IReadOnlyList<Setting> settings)
    {
        string[] names = [.. settings.Select(setting => verb?.OptionFor(setting)?.Name).OfType<string>().Distinct()];
        if (names.Length == 0) return text;
        var options = $" ({string.Join(", ", names)})";
        return text is [.. var sentence, '.'] ? $"{sentence}{options}." : text + options;
    }
}
