namespace OverlayImg.Closures;

/// <summary>Runs work on all cores. An <see cref="OverlayImgException"/> from the work is thrown unwrapped.</summary>
internal static class ParallelWork
{
    /// <summary>Calls <paramref name="work"/> for each item, in no particular order.</summary>
    /// <exception cref="OverlayImgException">The work failed. If several calls fail, one of the errors is thrown.</exception>
    public static void Run<T>(IEnumerable<T> items, Action<T> work, CancellationToken cancellationToken)
    {
        try
        {
            Parallel.ForEach(items, new() { CancellationToken = cancellationToken }, work);
        }
        catch (AggregateException exception) when (exception.InnerExceptions.OfType<OverlayImgException>().FirstOrDefault() is { } error)
        {
            throw error;
        }
    }
}
