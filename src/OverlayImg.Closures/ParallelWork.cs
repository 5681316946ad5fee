namespace OverlayImg.Closures;

/// <summary>Runs work on all cores; errors of ours come out as themselves.</summary>
internal static class ParallelWork
{
    /// <summary>Does <paramref name="work"/> for each item, in no order.</summary>
    /// <exception cref="OverlayImgException">One of those that the work threw.</exception>
    public static void Run<T>(IEnumerable<T> items, Action<T> work, CancellationToken cancellationToken)
    {
        try
        {
            Parallel.ForEach(items, new() { CancellationToken = cancellationToken }, work);
        }
        catch (AggregateException exception) when (exception.InnerExceptions.OfType<OverlayImgException>().FirstOrDefault() is { } ours)
        {
            throw ours;
        }
    }
}
