namespace OverlayImg.Builders;

/// <summary>Hears nothing: for what is told already, or elsewhere.</summary>
internal sealed class Silence : IProgress<BuildEvent>
{
    /// <inheritdoc/>
    public void Report(BuildEvent value)
    {
    }
}
