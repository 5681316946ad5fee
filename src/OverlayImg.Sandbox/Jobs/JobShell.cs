namespace OverlayImg.Sandbox.Jobs;

/// <summary>An interactive shell that runs as root in the image, instead of steps.</summary>
/// <param name="Terminal">The terminal of the shell.</param>
public sealed record JobShell(IShellTerminal Terminal)
{
    /// <summary>
    /// Receives the commands that were typed, once and before the user is asked about the changes. The bytes are a script for bash, of at most 2 MiB,
    /// and come from the guest. Null if the commands are not recorded. Only a bash records commands, so the guest's own bash replaces another shell.
    /// </summary>
    public Action<ReadOnlyMemory<byte>>? OnCommands { get; init; }
}
