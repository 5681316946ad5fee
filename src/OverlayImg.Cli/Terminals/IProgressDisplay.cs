namespace OverlayImg.Cli.Terminals;

/// <summary>A display of progress on a terminal, which waits while an interactive shell has the terminal.</summary>
internal interface IProgressDisplay
{
    /// <summary>Stops to write to the terminal. Events wait.</summary>
    void Suspend();

    /// <summary>Writes to the terminal again.</summary>
    void Resume();
}
