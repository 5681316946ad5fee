namespace OverlayImg.Images.Sessions;

/// <summary>What a build tells while it goes on; the CLI draws it.</summary>
public abstract record BuildEvent;

/// <summary>A step begins, in the words of the user: "writing the disks of 2 parent layers".</summary>
public sealed record StepStarted(string Text) : BuildEvent;

/// <summary>How far a step is.</summary>
/// <param name="Text">The step's text, as in <see cref="StepStarted"/>.</param>
/// <param name="Done">Bytes done.</param>
/// <param name="Total">Bytes to do, never 0.</param>
public sealed record StepProgress(string Text, long Done, long Total) : BuildEvent;

/// <summary>Something the user should know that is not wrong: "KVM does not work here; using TCG".</summary>
/// <param name="Text">The text, which names no option.</param>
/// <param name="Settings">The settings that the text speaks of.</param>
public sealed record Notice(string Text, params IReadOnlyList<Setting> Settings) : BuildEvent;

/// <summary>Something that is probably not what the user wanted; the build goes on.</summary>
/// <param name="Text">The text, which names no option.</param>
/// <param name="Settings">The settings that the text speaks of.</param>
public sealed record Warning(string Text, params IReadOnlyList<Setting> Settings) : BuildEvent;

/// <summary>What a script wrote, as it came; it may end in the middle of a line.</summary>
public sealed record ScriptOutput(ReadOnlyMemory<byte> Bytes) : BuildEvent;
