using OverlayImg.FileSystems;
using OverlayImg.Images.Sessions;
using OverlayImg.Sandbox.Errors;
using OverlayImg.Sandbox.Jobs;

namespace OverlayImg.Layers.Guests;

/// <summary>The disks of the cache mounts of one run: copies, which the guest writes and which are stored when it left them clean.</summary>
internal sealed class CacheMountDisks : IDisposable
{
    private readonly CacheMountStore _store;
    private readonly Session _session;
    private readonly List<(CacheMount Mount, string Disk, IDisposable? Turn)> _disks = [];

    private CacheMountDisks(Session session) => (_store, _session) = (new(session.Cache), session);

    /// <summary>What the job is told of them.</summary>
    public IReadOnlyList<GuestMount> Mounts => [.. _disks.Select(disk => new GuestMount(disk.Disk, ByteString.FromText(disk.Mount.Target)))];

    /// <summary>Makes the copies. The caller owns them.</summary>
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

    /// <summary>Does a job, and stores or drops its disks by how it ends.</summary>
    /// <remarks>
    /// A script that fails leaves its caches clean. Of a job that is interrupted or takes too long, the copies are lost and what is stored stays. A guest
    /// that dies may have died of what is on a disk: then what is stored goes, too.
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
            _session.Notice($"Another run uses the cache mount {mount.Name}: this one gets a copy, and what its scripts add is not kept");
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

    // The run has its result all the same.
    private void Keep(CacheMount mount, string disk)
    {
        try
        {
            _store.Keep(mount.Name, disk);
        }
        catch (MachineException exception)
        {
            _session.Warn($"What the scripts added to the cache mount {mount.Name} is lost: {exception.Message}.");
        }
    }

    private void Drop(CacheMount mount, IDisposable? turn, string why)
    {
        if (turn is not null) _store.Drop(mount.Name);
        _session.Warn($"The cache mount {mount.Name} {why}; the next run begins with an empty one.");
    }
}
