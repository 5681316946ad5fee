namespace OverlayImg.Images.Sessions;

/// <summary>Forwards events to another listener and records the warnings. Thread-safe.</summary>
internal sealed class WarningRecorder(IProgress<BuildEvent> progress) : IProgress<BuildEvent>
{
    private readonly List<string> _warnings = [];

    /// <summary>The recorded warnings in the order of their reports.</summary>
    public IReadOnlyList<string> Warnings
    {
        get
        {
            lock (_warnings) return [.. _warnings];
        }
    }

    /// <inheritdoc/>
    public void Report(BuildEvent value)
    {
        if (value is Warning { Text: var text })
        {
            lock (_warnings) _warnings.Add(text);
        }

        progress.Report(value);
    }
}
