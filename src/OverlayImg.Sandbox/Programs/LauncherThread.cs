using System.Collections.Concurrent;

namespace OverlayImg.Sandbox.Programs;

/// <summary>
/// The one thread that starts QEMU. The kernel sends a child its parent-death signal (<c>prctl(2)</c>, <c>PR_SET_PDEATHSIG</c>) when the
/// <em>thread</em> that made it ends, not the process: a child of a thread-pool thread would be killed at any time after. This thread ends
/// with the process and no sooner.
/// </summary>
internal static class LauncherThread
{
    private static readonly BlockingCollection<Action> Work = Start();

    /// <summary>Runs <paramref name="function"/> on the thread.</summary>
    public static Task<T> RunAsync<T>(Func<T> function)
    {
        var task = new Task<T>(function);
        Work.Add(() => task.RunSynchronously(TaskScheduler.Default));
        return task;
    }

    private static BlockingCollection<Action> Start()
    {
        var work = new BlockingCollection<Action>();
        new Thread(() =>
        {
            foreach (var action in work.GetConsumingEnumerable()) action();
        })
        { IsBackground = true, Name = "QEMU launcher" }.Start();
        return work;
    }
}
