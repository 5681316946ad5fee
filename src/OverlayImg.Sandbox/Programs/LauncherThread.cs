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

    /// <summary>Runs <paramref name="function"/> on the launcher thread. The code that awaits the result runs on another thread.</summary>
    public static Task<T> RunAsync<T>(Func<T> function)
    {
        // Without this option the code after an await would run on the launcher thread. If that code blocks, no program can be started any more.
        var task = new Task<T>(function, TaskCreationOptions.RunContinuationsAsynchronously);
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
