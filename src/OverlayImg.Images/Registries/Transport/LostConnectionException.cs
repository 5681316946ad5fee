namespace OverlayImg.Images.Registries.Transport;

/// <summary>A transient failure: a connection broke or stalled, or a server can't respond now. Another attempt may succeed.</summary>
internal sealed class LostConnectionException(string what, Exception? innerException = null) : MachineException(what, innerException)
{
    /// <summary>The delay that the server requests before another attempt; null if the server requests none.</summary>
    public TimeSpan? Wait { get; init; }
}
