using System.CommandLine;
using System.Runtime.CompilerServices;

namespace OverlayImg.Cli.Options;

/// <summary>Which options set the settings that the messages of lower floors speak of.</summary>
internal static class SettingOptions
{
    private static readonly ConditionalWeakTable<Option, Setting[]> Settings = [];

    /// <summary>Notes that the option sets <paramref name="settings"/>.</summary>
    /// <returns>The option.</returns>
    public static T Sets<T>(this T option, params Setting[] settings) where T : Option
    {
        Settings.Add(option, settings);
        return option;
    }

    /// <summary>The option of a verb that sets <paramref name="setting"/>, those that all verbs have included; null where the verb has none.</summary>
    public static Option? OptionFor(this Command verb, Setting setting) =>
        verb.Options.FirstOrDefault(option => Settings.TryGetValue(option, out var set) && set.Contains(setting))
        ?? verb.Parents.OfType<Command>().Select(parent => parent.OptionFor(setting)).FirstOrDefault(option => option is not null);
}
