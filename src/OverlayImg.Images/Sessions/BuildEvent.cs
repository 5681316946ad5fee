namespace OverlayImg.Images.Sessions;

/// <summary>An event that an operation reports while it runs. The command line displays events.</summary>
public abstract record BuildEvent;

/// <summary>
/// The beginning of a step, described for the user: "writing the disks of 2 parent layers". A step lasts until the next step begins, or until the
/// operation ends.
/// </summary>
/// <param name="Text">The description.</param>
/// <param name="Alongside">Whether the steps that run now continue, and end together with this step.</param>
public sealed record StepStarted(string Text, bool Alongside = false) : BuildEvent;

/// <summary>The progress of a step.</summary>
/// <param name="Text">The step's text, as in <see cref="StepStarted"/>.</param>
/// <param name="Done">Number of bytes done, at most <paramref name="Total"/>.</param>
/// <param name="Total">Number of bytes of the whole step, never 0.</param>
public sealed record StepProgress(string Text, long Done, long Total) : BuildEvent;

/// <summary>Information for the user about something that is not a problem: "KVM does not work here; using TCG".</summary>
/// <param name="Text">The text. It names no option.</param>
/// <param name="Settings">The settings that the text mentions.</param>
public sealed record Notice(string Text, params IReadOnlyList<Setting> Settings) : BuildEvent;

/// <summary>A warning about something that the user probably did not intend. The operation continues.</summary>
/// <param name="Text">The text. It names no option.</param>
/// <param name="Settings">The settings that the text mentions.</param>
public sealed record Warning(string Text, params IReadOnlyList<Setting> Settings) : BuildEvent;

/// <summary>A piece of a script's output, unchanged. The piece may end in the middle of a line.</summary>
public sealed record ScriptOutput(ReadOnlyMemory<byte> Bytes) : BuildEvent;
