using OverlayImg.Caching;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Layers.Reuse;

/// <summary>
/// The results of runs in the cache, by what went into them. Each is a directory that appears whole or not at all; one that is not exactly what was written
/// is dropped. Runs that make the same one at once do so without harm: the first to be ready is kept.
/// </summary>
/// <param name="session">The operation. It is told of what is dropped, or can't be kept.</param>
internal sealed class ResultStore(Session session)
{
    /// <summary>Where the results of a cache are.</summary>
    public const string DirectoryName = CacheFolders.Results;

    private const string UnfinishedPrefix = ".new-";

    private string Place => session.Cache.PathOf(DirectoryName);

    /// <summary>The result of a run; null where there is none that is whole.</summary>
    public StoredResult? TryTake(Digest key)
    {
        var place = PlaceOf(key);
        if (StoredResult.TryOpen(place) is { } stored) return stored;
        if (!HostEntry.Exists(place)) return null;
        // Another run may have kept a good one since the first look.
        if (StoredResult.TryOpen(place) is { } kept) return kept;
        // In the way of the one that is made now. Where another run removes it at this moment, it is that one's to tell.
        try
        {
            if (CacheEntries.TryRemove(place))
                session.Notice("The kept result of these inputs was altered since it was written; it is dropped, and the scripts run again");
        }
        catch (UnusableDirectoryException exception)
        {
            session.Notice($"The kept result of these inputs was altered since it was written; the scripts run again. {exception.Message}");
        }

        return null;
    }

    /// <summary>Keeps a result, copied from open files. Where that can't be done, the run is none the worse.</summary>
    public void Keep(Digest key, ResultReport report, ByteSource layer, ByteSource? outTar, CancellationToken cancellationToken)
    {
        var place = PlaceOf(key);
        try
        {
            using var scratch = ScratchDirectory.Create(Place, UnfinishedPrefix, CacheSetting.Directory);
            var made = scratch.NewPath("result");
            PrivateDirectory.Create(made);
            StoredResult.Write(made, report, layer, outTar, cancellationToken);
            if (!HostEntry.Exists(place)) Directory.Move(made, place);
            CacheEntries.Prune(session.Cache, out _);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or MachineException)
        {
            // Another run's may have come in between; the two are the same.
            if (!Directory.Exists(place)) session.Notice($"The result could not be kept for later runs: {HostTrouble.Reason(exception)}");
        }
    }

    private string PlaceOf(Digest key) => Path.Combine(Place, key.Hex);
}
