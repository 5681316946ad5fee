namespace OverlayImg.Sandbox.Jobs;

/// <summary>A script or commands that run as root in the image. The steps of a job run one after the other in one guest.</summary>
/// <param name="Name">Path of the script, or the text of the commands, for messages.</param>
/// <param name="Text">The script or the commands.</param>
public sealed record JobStep(string Name, ReadOnlyMemory<byte> Text)
{
    /// <summary>
    /// Whether the text is commands for <c>/bin/sh -e -c</c>. Commands are at most <see cref="MaximumCommandsLength"/> bytes long, are not empty,
    /// and have no NUL.
    /// </summary>
    public bool IsCommands { get; init; }

    /// <summary>The largest number of steps of a job.</summary>
    public const int MaximumCount = 200;

    /// <summary>The longest commands in bytes: one argument of a program, MAX_ARG_STRLEN of execve(2), without its NUL.</summary>
    public const int MaximumCommandsLength = (128 << 10) - 1;
}
