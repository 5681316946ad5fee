namespace OverlayImg.Cli.Manual;

/// <summary>What the help and the man page of a command say.</summary>
/// <param name="Command">The command with the verbs before it, such as "overlayimg cache ls".</param>
/// <param name="Summary">A sentence of one line.</param>
/// <param name="Description">What the command does, as whole sentences.</param>
/// <param name="Usage">The form of the command line.</param>
/// <param name="Examples">Command lines that work when they are copied.</param>
/// <param name="Sections">The verbs, arguments and options, in titled sections.</param>
internal sealed record ManualPage(
    string Command, string Summary, string Description, string Usage, IReadOnlyList<string> Examples, IReadOnlyList<ManualSection> Sections);

/// <summary>A titled list in a manual page.</summary>
/// <param name="Title">The title, without a colon.</param>
/// <param name="Entries">The entries; never empty.</param>
/// <param name="IsOfOptions">Whether the entries are options, and neither verbs nor arguments.</param>
internal sealed record ManualSection(string Title, IReadOnlyList<ManualEntry> Entries, bool IsOfOptions = false);

/// <summary>A verb, an argument or an option in a manual page.</summary>
/// <param name="Names">The names, such as "-o" and "--output".</param>
/// <param name="Value">The name of the value, such as "FILE"; null without a value.</param>
/// <param name="Text">Whole sentences.</param>
internal sealed record ManualEntry(IReadOnlyList<string> Names, string? Value, string Text);
