using System.Collections.Concurrent;

namespace OverlayImg.Sandbox.Programs;

/// <summary>
/// The one thread that starts QEMU and host scripts. The kernel sends a child its parent-death signal (<c>prctl(2)</c>,
/// <c>PR_SET_PDEATHSIG</c>) when the <em>thread</em> that started it ends, so a child of a thread-pool thread could be killed at any time.
/// This thread lives as long as the process.
/// </summary>
internal static class LauncherThread
{
    private static readonly BlockingCollection<Action> Work = Start();

    /// <summary>Runs <paramref name="function"/> on the launcher thread.</summary>
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
