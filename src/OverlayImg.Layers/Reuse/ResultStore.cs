using OverlayImg.Caching;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Layers.Reuse;

/// <summary>
/// The results of runs in the cache, by a key for the inputs of the run. Each result is a directory that appears
/// atomically. An altered result is dropped. If runs make the same result at the same time, the first one is kept.
/// </summary>
/// <param name="session">Receives notices about results that are dropped or can't be kept.</param>
internal sealed class ResultStore(Session session)
{
    /// <summary>The folder of the results in the cache.</summary>
    public const string DirectoryName = CacheFolders.Results;

    private const string UnfinishedPrefix = ".new-";

    private string Folder => session.Cache.PathOf(DirectoryName);

    /// <summary>Returns the result of a run; null if the cache has no unaltered result.</summary>
    public StoredResult? TryTake(Digest key)
    {
        var directory = EntryPath(key);
        if (StoredResult.TryOpen(directory) is { } stored) return stored;
        if (!HostEntry.Exists(directory)) return null;
        // Another run may have stored an unaltered result since the first look.
        if (StoredResult.TryOpen(directory) is { } kept) return kept;
        // The altered result is in the way of the next one. If another run removes it first, that run gives the notice.
        try
        {
            if (CacheEntries.TryRemove(directory))
                session.Notice("The kept result of these inputs was altered. It is dropped, and the scripts run again.");
        }
        catch (UnusableDirectoryException exception)
        {
            session.Notice($"The kept result of these inputs was altered, so the scripts run again. {exception.Message}.");
        }

        return null;
    }

    /// <summary>Stores a result by copying open files. A failure causes only a notice.</summary>
    public void Keep(Digest key, ResultReport report, ByteSource layer, ByteSource? outTar, CancellationToken cancellationToken)
    {
        var directory = EntryPath(key);
        try
        {
            using var scratch = ScratchDirectory.Create(Folder, UnfinishedPrefix, CacheSetting.Directory);
            var made = scratch.NewPath("result");
            PrivateDirectory.Create(made);
            StoredResult.Write(made, report, layer, outTar, cancellationToken);
            if (!HostEntry.Exists(directory)) Directory.Move(made, directory);
            CacheEntries.Prune(session.Cache, out _);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or MachineException)
        {
            // Another run may have stored its result first; both are the same.
            if (!Directory.Exists(directory)) session.Notice($"The result could not be kept for later runs: {HostTrouble.Reason(exception)}.");
        }
    }

    private string EntryPath(Digest key) => Path.Combine(Folder, key.Hex);
}
