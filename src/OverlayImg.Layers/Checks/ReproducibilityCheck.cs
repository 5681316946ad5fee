using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Comparison;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Layers.Checks;

/// <summary>Makes a layer twice, side by side, and compares: what a script takes from the time, from chance or from the order of things shows.</summary>
internal static class ReproducibilityCheck
{
    /// <summary>Makes it, twice where a check is wanted.</summary>
    /// <param name="isWanted">Whether to check.</param>
    /// <param name="make">Makes the layer. What the second one tells, nobody hears.</param>
    /// <param name="treeOf">What is compared.</param>
    /// <param name="session">The operation. It has the times of the first.</param>
    /// <returns>The first of the two.</returns>
    /// <exception cref="IrreproducibleException">They differ.</exception>
    public static async Task<T> MakeAsync<T>(bool isWanted, Func<Session, Task<T>> make, Func<T, FileTree> treeOf, Session session)
    {
        if (!isWanted) return await make(session);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(session.CancellationToken);
        var ended = session with { CancellationToken = ending.Token };
        var first = EndingTheOther(make(ended), ending);
        var second = EndingTheOther(make(ended with { Clock = new(), Progress = NullProgress<BuildEvent>.Instance }), ending);
        try
        {
            // The first to fail is the cause; the other one's end follows from it.
            await await Task.WhenAny(first, second);
            await CompareAsync(treeOf(await first), treeOf(await second), session);
            return await first;
        }
        finally
        {
            await Task.WhenAny(Task.WhenAll(first, second));
        }
    }

    // A layer's times are made equal when it is packed: they are told where something else differs, and are no difference of their own.
    private static async Task CompareAsync(FileTree first, FileTree second, Session session)
    {
        session.Step("Comparing the two runs");
        var differing = await TreeComparison.CompareAsync(first, second, withTimes: false, session.CancellationToken);
        if (differing.Count == 0) return;
        var paths = differing.Select(difference => difference.Path).ToHashSet();
        var told = await TreeComparison.CompareAsync(first, second, withTimes: true, session.CancellationToken);
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
