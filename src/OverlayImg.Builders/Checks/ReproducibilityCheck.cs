using OverlayImg.FileSystems;

namespace OverlayImg.Builders;

/// <summary>Makes a layer twice, side by side, and compares: what a script takes from the time, from chance or from the order of things shows.</summary>
internal static class ReproducibilityCheck
{
    /// <summary>Makes it, twice where a check is wanted.</summary>
    /// <param name="isWanted">Whether to check.</param>
    /// <param name="make">Makes the layer. What the second one tells, nobody hears.</param>
    /// <param name="treeOf">What is compared.</param>
    /// <param name="clock">Takes the times of the first.</param>
    /// <param name="progress">Hears of the first.</param>
    /// <param name="cancellationToken">Ends both.</param>
    /// <returns>The first of the two.</returns>
    /// <exception cref="IrreproducibleException">They differ.</exception>
    public static async Task<T> MakeAsync<T>(bool isWanted, Func<PhaseClock, IProgress<BuildEvent>, CancellationToken, Task<T>> make,
        Func<T, FileTree> treeOf, PhaseClock clock, IProgress<BuildEvent> progress, CancellationToken cancellationToken) where T : IDisposable
    {
        if (!isWanted) return await make(clock, progress, cancellationToken);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var first = EndingTheOther(make(clock, progress, ending.Token), ending);
        var second = EndingTheOther(make(new PhaseClock(), new Silence(), ending.Token), ending);
        try
        {
            // The first to fail is the cause; the other one's end follows from it.
            await await Task.WhenAny(first, second);
            using var other = await second;
            await CompareAsync(treeOf(await first), treeOf(other), progress, cancellationToken);
            return await first;
        }
        catch
        {
            await Task.WhenAny(Task.WhenAll(first, second));
            if (first.IsCompletedSuccessfully) (await first).Dispose();
            throw;
        }
    }

    // A layer's times are made equal when it is packed: they are told where something else differs, and are no difference of their own.
    private static async Task CompareAsync(FileTree first, FileTree second, IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        progress.Report(new StepStarted("Comparing the two runs"));
        var differing = await TreeComparison.CompareAsync(first, second, withTimes: false, cancellationToken);
        if (differing.Count == 0) return;
        var paths = differing.Select(difference => difference.Path).ToHashSet();
        var told = await TreeComparison.CompareAsync(first, second, withTimes: true, cancellationToken);
        throw new IrreproducibleException([.. told.Where(difference => paths.Contains(difference.Path))]);
    }

    private static async Task<T> EndingTheOther<T>(Task<T> making, CancellationTokenSource ending)
    {
        try
        {
            return await making;
        }
        catch
        {
            await ending.CancelAsync();
            throw;
        }
    }
}
