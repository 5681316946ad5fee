using System.CommandLine;
using System.Runtime.CompilerServices;
using OverlayImg.Cli.Completion;

namespace OverlayImg.Cli.Options;

/// <summary>Maps the settings that messages of lower layers name to the options of the command line.</summary>
internal static class SettingOptions
{
    private static readonly ConditionalWeakTable<Option, Setting[]> Settings = [];

    /// <summary>Records that the option sets <paramref name="settings"/>, and returns the option.</summary>
    public static T Sets<T>(this T option, params Setting[] settings) where T : Option
    {
        Settings.Add(option, settings);
        return option;
    }

    /// <summary>
    /// The option that sets <paramref name="setting"/> for a verb, the options that all verbs share included; null if the verb has no such option.
    /// </summary>
    public static Option? OptionFor(this Command verb, Setting setting) =>
        verb.AllOptions().FirstOrDefault(option => Settings.TryGetValue(option, out var set) && set.Contains(setting));
}
