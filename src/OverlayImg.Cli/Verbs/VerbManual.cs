using System.CommandLine;
using System.CommandLine.Help;
using OverlayImg.Cli.Completion;
using OverlayImg.Cli.Manual;
using OverlayImg.Cli.Options;

namespace OverlayImg.Cli.Verbs;

/// <summary>Makes the manual page of a command from its declaration.</summary>
internal static class VerbManual
{
    /// <summary>The manual page of the tool, of a verb, or of a verb below a verb. Hidden verbs and options are not in it.</summary>
    public static ManualPage Of(Command command)
    {
        var (summary, examples) = command is Verb verb ? (verb.Summary, verb.ExampleLines) : (command.Description!, ((ToolCommand)command).Examples);
        return new(
            CommandNames.Of(command), summary, command.Description!, Usage(command), examples,
            [.. Verbs(command), .. Arguments(command), .. Options(command)]);
    }

    private static string Usage(Command command)
    {
        var words = new List<string> { CommandNames.Of(command) };
        if (command.Subcommands.Any(verb => !verb.Hidden)) words.Add("<VERB>");
        words.AddRange(command.Arguments.Where(argument => !argument.Hidden).Select(UsageOf));
        words.AddRange(OptionsOf(command).Where(option => option.Required).Select(option => $"{ShortNameOf(option)} <{option.HelpName}>"));
        words.Add("[options]");
        return string.Join(' ', words);
    }

    private static string UsageOf(Argument argument)
    {
        var name = $"<{argument.Name}>{(argument.Arity.MaximumNumberOfValues > 1 ? "..." : "")}";
        return argument.Arity.MinimumNumberOfValues == 0 ? $"[{name}]" : name;
    }

    private static IEnumerable<ManualSection> Verbs(Command command)
    {
        if (command is ToolCommand tool)
            return tool.Sections.Select(section => new ManualSection(section.Title, [.. section.Verbs.Select(EntryOf)]));
        var verbs = command.Subcommands.Where(verb => !verb.Hidden).ToArray();
        return verbs.Length == 0 ? [] : [new("Verbs", [.. verbs.Select(EntryOf)])];
    }

    private static ManualEntry EntryOf(Command verb) => new([verb.Name], null, ((Verb)verb).Summary);

    private static IEnumerable<ManualSection> Arguments(Command command)
    {
        var arguments = command.Arguments.Where(argument => !argument.Hidden).ToArray();
        return arguments.Length == 0 ? [] : [new("Arguments", [.. arguments.Select(EntryOf)])];
    }

    private static ManualEntry EntryOf(Argument argument) =>
        new([], argument.Name, WithDefault(argument.Description!, argument.HasDefaultValue, argument.GetDefaultValue));

    private static IEnumerable<ManualSection> Options(Command command) => OptionsOf(command)
        .GroupBy(option => option.Section() ?? OptionSection.Common)
        .OrderBy(group => group.Key)
        .Select(group => new ManualSection(group.Key.Title(), [.. group.Select(EntryOf)], IsOfOptions: true));

    /// <summary>The options of a command that are not hidden, and those of all verbs.</summary>
    public static IEnumerable<Option> OptionsOf(Command command) => command.AllOptions().Where(option => !option.Hidden);

    private static ManualEntry EntryOf(Option option)
    {
        var names = option.Aliases.Prepend(option.Name).Where(IsShown).Distinct().OrderBy(name => name.Length > 2);
        // The name of the value of bool options is null, because such options take no value.
        return new([.. names], option.HelpName, Description(option));

        // The parser's help option has Windows' names, too.
        bool IsShown(string name) => name.StartsWith('-') && !(option is HelpOption && name == "-?");
    }

    private static string Description(Option option) => option switch
    {
        HelpOption => "Print this help.",
        VersionOption => "Print the version of overlayimg.",
        { Required: true } => $"{option.Description} Required.",
        _ => WithDefault(option.Description!, option.HasDefaultValue, option.GetDefaultValue),
    };

    private static string WithDefault(string description, bool hasDefault, Func<object?> value) =>
        hasDefault && value() is { } found and not (bool or Array) ? $"{description} [default: {found}]" : description;

    private static string ShortNameOf(Option option) => option.Aliases.Append(option.Name).OrderBy(name => name.Length).First();
}
