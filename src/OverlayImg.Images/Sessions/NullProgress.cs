namespace OverlayImg.Images.Sessions;

/// <summary>A progress listener that ignores all reports.</summary>
internal sealed class NullProgress<T> : IProgress<T>
{
    public static NullProgress<T> Instance { get; } = new();

    /// <inheritdoc/>
    public void Report(T value)
    {
    }
}
