namespace OverlayImg.Images.Sessions;

/// <summary>Progress that nobody is told of.</summary>
internal sealed class NullProgress<T> : IProgress<T>
{
    /// <summary>The only one.</summary>
    public static NullProgress<T> Instance { get; } = new();

    /// <inheritdoc/>
    public void Report(T value)
    {
    }
}
