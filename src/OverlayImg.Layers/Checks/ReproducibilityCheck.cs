using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Comparison;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Layers.Checks;

/// <summary>
/// Makes a layer twice at the same time and compares the results. The comparison finds scripts that depend on the time,
/// on random values or on processing order.
/// </summary>
internal static class ReproducibilityCheck
{
    /// <summary>Makes the layer once, or twice with a comparison.</summary>
    /// <param name="make">Makes the layer. The progress of the second call is discarded.</param>
    /// <param name="treeOf">Returns the tree to compare.</param>
    /// <param name="session">Its clock records the phases of the first call only.</param>
    /// <returns>The result of the first call.</returns>
    /// <exception cref="IrreproducibleException">The two results differ.</exception>
    public static async Task<T> MakeAsync<T>(bool isWanted, Func<Session, Task<T>> make, Func<T, FileTree> treeOf, Session session)
    {
        if (!isWanted) return await make(session);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(session.CancellationToken);
        var ended = session with { CancellationToken = ending.Token };
        var first = EndingTheOther(make(ended), ending);
        var second = EndingTheOther(make(ended with { Clock = new(), Progress = NullProgress<BuildEvent>.Instance }), ending);
        try
        {
            // The first failure is the cause. It cancels the other call, whose failure is only a consequence.
            await await Task.WhenAny(first, second);
            await CompareAsync(treeOf(await first), treeOf(await second), session);
            return await first;
        }
        finally
        {
            await Task.WhenAny(Task.WhenAll(first, second));
        }
    }

    // Packing gives all files of a layer the same time, so a time alone is no difference. Times are reported only for
    // paths that differ otherwise.
    private static async Task CompareAsync(FileTree first, FileTree second, Session session)
    {
        session.Step("Comparing the two runs");
        var differing = await TreeComparison.CompareAsync(first, second, withTimes: false, session.CancellationToken);
        if (differing.Count == 0) return;
        var paths = differing.Select(difference => difference.Path).ToHashSet();
        var detailed = await TreeComparison.CompareAsync(first, second, withTimes: true, session.CancellationToken);
        throw new IrreproducibleException([.. detailed.Where(difference => paths.Contains(difference.Path))]);
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
