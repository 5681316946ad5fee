using OverlayImg.FileSystems;
using OverlayImg.Images.Sessions;
using OverlayImg.Sandbox.Errors;
using OverlayImg.Sandbox.Jobs;

namespace OverlayImg.Layers.Guests;

/// <summary>
/// The disks of a run's cache mounts. The guest writes to copies; a copy that the guest leaves clean replaces the stored disk.
/// </summary>
internal sealed class CacheMountDisks : IDisposable
{
    private readonly CacheMountStore _store;
    private readonly Session _session;
    private readonly List<(CacheMount Mount, string Disk, IDisposable? Turn)> _disks = [];

    private CacheMountDisks(Session session) => (_store, _session) = (new(session.Cache), session);

    /// <summary>The cache mounts of the job.</summary>
    public IReadOnlyList<GuestMount> Mounts => [.. _disks.Select(disk => new GuestMount(disk.Disk, ByteString.FromText(disk.Mount.Target)))];

    /// <summary>Copies the stored disks to the scratch directory. The caller disposes of the result.</summary>
    /// <exception cref="MachineException">The cache can't be written.</exception>
    public static CacheMountDisks Copy(IReadOnlyList<CacheMount> mounts, Session session)
    {
        var disks = new CacheMountDisks(session);
        try
        {
            foreach (var mount in mounts) disks.Add(mount, session.Scratch.NewPath("cache.ext4"));
            return disks;
        }
        catch
        {
            disks.Dispose();
            throw;
        }
    }

    /// <summary>Runs a job, and then stores or drops its disks.</summary>
    /// <remarks>
    /// A failed script leaves its cache mounts clean, so they are stored. If the job is interrupted or exceeds its
    /// timeout, the copies are lost and the stored disks stay. If the guest dies, the files on a disk may be the cause,
    /// so the stored disks are dropped.
    /// </remarks>
    public async Task<JobResult> DuringAsync(Func<Task<JobResult>> job)
    {
        try
        {
            var result = await job();
            Store(result);
            return result;
        }
        catch (ScriptException exception)
        {
            Store(exception.Result);
            throw;
        }
        catch (GuestException exception) when (!exception.IsToldByGuest)
        {
            foreach (var (mount, _, turn) in _disks) Drop(mount, turn, "is dropped, because the guest failed with it");
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, _, turn) in _disks) turn?.Dispose();
    }

    private void Add(CacheMount mount, string disk)
    {
        var turn = _store.TryTakeTurn(mount.Name);
        _disks.Add((mount, disk, turn));
        if (turn is null)
            _session.Notice($"Another run uses the cache mount {mount.Name}. This run gets a copy, and files that its scripts add are not kept.");
        if (!_store.CopyTo(mount.Name, disk, _session.CancellationToken))
            _session.Warn($"The cache mount {mount.Name} was altered since it was stored, so scripts have an empty one.");
    }

    private void Store(JobResult result)
    {
        foreach (var (index, (mount, disk, turn)) in _disks.Index())
        {
            switch (result.Caches.TryGetValue(index, out var state) ? state : CacheState.Damaged)
            {
                case CacheState.Clean:
                    if (turn is not null) Keep(mount, disk);
                    break;
                case CacheState.Full:
                    Drop(mount, turn, $"is full ({CacheMountStore.DiskSize >> 30} GiB), so it is dropped");
                    break;
                case CacheState.Unusable:
                    Drop(mount, turn, "was damaged, so scripts had an empty directory in its place and it is dropped");
                    break;
                default:
                    Drop(mount, turn, "is damaged, so it is dropped");
                    break;
            }
        }
    }

    // A disk that can't be stored does not fail the run.
    private void Keep(CacheMount mount, string disk)
    {
        try
        {
            _store.Keep(mount.Name, disk);
        }
        catch (MachineException exception)
        {
            _session.Warn($"The files that scripts added to the cache mount {mount.Name} are lost: {exception.Message}.");
        }
    }

    private void Drop(CacheMount mount, IDisposable? turn, string why)
    {
        if (turn is not null) _store.Drop(mount.Name);
        _session.Warn($"The cache mount {mount.Name} {why}; the next run begins with an empty one.");
    }
}
