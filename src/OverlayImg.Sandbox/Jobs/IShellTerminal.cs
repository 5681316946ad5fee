namespace OverlayImg.Sandbox.Jobs;

/// <summary>Size of a terminal's window in characters.</summary>
public readonly record struct TerminalSize(int Rows, int Columns);

/// <summary>How an interactive shell ended.</summary>
/// <param name="Status">Exit status of the shell (128 + n for signal n).</param>
/// <param name="OutOfMemory">Whether the status is not 0 and the guest's out-of-memory killer killed a process while the shell ran.</param>
/// <param name="NoSpace">Whether the status is not 0 and the upper disk ran out of blocks or inodes while the shell ran.</param>
public sealed record ShellEnd(int Status, bool OutOfMemory = false, bool NoSpace = false);

/// <summary>
/// The user's terminal, to which an interactive shell in a guest is connected. The shell is not trusted: what it writes reaches the terminal
/// unchanged, as from a remote shell.
/// </summary>
public interface IShellTerminal
{
    /// <summary>The type of the terminal, as TERM has it: "xterm-256color".</summary>
    string Type { get; }

    /// <summary>The size of the window now.</summary>
    TerminalSize Size { get; }

    /// <summary>
    /// Gives the terminal to the shell: every key goes to the shell, and nothing else writes to the terminal. Does nothing if the shell has it.
    /// </summary>
    void Open();

    /// <summary>Takes the terminal back, and restores its modes. Does nothing if the shell does not have it.</summary>
    /// <param name="isComplete">Whether the shell ended by itself, so that it has cleaned up its own output.</param>
    void Close(bool isComplete);

    /// <summary>Returns what the user typed next. Empty if the terminal is gone.</summary>
    Task<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Writes output of the shell.</summary>
    /// <exception cref="IOException">The terminal is gone.</exception>
    void Write(ReadOnlySpan<byte> output);

    /// <summary>Waits until the size of the window has changed since the last call, and returns it.</summary>
    Task<TerminalSize> NextSizeAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Asks the user what becomes of the changes of a shell that ended with a status other than 0. Called after <see cref="Close"/>.
    /// </summary>
    /// <returns>Whether the changes are thrown away.</returns>
    Task<bool> AskToDiscardAsync(ShellEnd outcome, CancellationToken cancellationToken);
}
