namespace OverlayImg.Images.Registries.Transport;

/// <summary>A connection broke or stood still: another may do better.</summary>
internal sealed class LostConnectionException(string what, Exception? innerException = null) : MachineException(what, innerException)
{
    /// <summary>How long the server wants not to be asked; null where it does not say.</summary>
    public TimeSpan? Wait { get; init; }
}
