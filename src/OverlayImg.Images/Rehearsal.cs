using System.Text;

namespace OverlayImg.Images;

/// <summary>
/// Reads a config in memory. The runtime loads what reading an image takes (JSON, SHA-256, the system's crypto library) when it is first used: a
/// processor that is idle while the command line is read can do that ahead.
/// </summary>
public static class Rehearsal
{
    /// <summary>Begins it on another thread. Nothing waits for it, and nothing comes of it.</summary>
    public static void Begin() => ThreadPool.UnsafeQueueUserWorkItem(static _ => Run(), null);

    private static void Run()
    {
        var config = $$$"""{"config":{"Env":["PATH=/"]},"rootfs":{"type":"layers","diff_ids":["{{{Digest.Of([])}}}"]}}""";
        ImageConfig.Parse(Encoding.UTF8.GetBytes(config), default);
    }
}
