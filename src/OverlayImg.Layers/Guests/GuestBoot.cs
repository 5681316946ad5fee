using OverlayImg.Caching;
using OverlayImg.Images.Sessions;
using OverlayImg.Sandbox;
using OverlayImg.Sandbox.Guests;

namespace OverlayImg.Layers.Guests;

/// <summary>A guest that boots while other work is done.</summary>
internal sealed class GuestBoot : IAsyncDisposable
{
    private readonly CancellationTokenSource _ended;
    private readonly Task<Guest> _booting;

    private GuestBoot(CancellationTokenSource ended, Task<Guest> booting) => (_ended, _booting) = (ended, booting);

    /// <summary>Starts the guest.</summary>
    /// <param name="overlay">
    /// The name under which a guest with the overlay mounted is saved and restored (<see cref="OverlayName"/>); null if
    /// no other run can use such a guest.
    /// </param>
    public static GuestBoot Begin(GuestSettings options, string? overlay, Session session)
    {
        var ended = CancellationTokenSource.CreateLinkedTokenSource(session.CancellationToken);
        var guest = new GuestOptions
        {
            Image = GuestImage.Find(),
            ScratchPath = session.Scratch.NewPath("guest"),
            CachePath = session.Cache.Directory,
            SnapshotsPath = options.WarmStart ? session.Cache.PathOf(CacheFolders.Snapshots) : null,
            Overlay = overlay,
            Accelerator = options.Accelerator,
            MemoryMiB = options.MemoryMiB,
            Cpus = options.Cpus,
            Network = options.Network,
            BootTimeout = options.BootTimeout,
        };
        return new(ended, GuestStarter.StartAsync(guest, new GuestReports(session.Progress), ended.Token));
    }

    /// <summary>
    /// Runs <paramref name="work"/> while the guest boots. If the boot fails first, the work is cancelled, because its result is useless.
    /// </summary>
    public async Task<T> DuringAsync<T>(Session session, Func<Session, Task<T>> work)
    {
        using var givenUp = CancellationTokenSource.CreateLinkedTokenSource(_ended.Token);
        var working = work(session with { CancellationToken = givenUp.Token });
        if (await Task.WhenAny(working, _booting) == _booting && !_booting.IsCompletedSuccessfully)
        {
            await givenUp.CancelAsync();
            await Task.WhenAny(working);
            await _booting;
        }

        return await working;
    }

    /// <summary>Waits until the guest is READY. This object still owns the guest.</summary>
    public Task<Guest> ReadyAsync() => _booting;

    /// <summary>Ends the guest, even during its boot.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await Task.WhenAny(_booting);
        if (_booting.IsCompletedSuccessfully) await (await _booting).DisposeAsync();
        _ended.Dispose();
    }

    /// <summary>Forwards the notices and warnings of a guest as build events.</summary>
    internal sealed class GuestReports(IProgress<BuildEvent> progress) : IProgress<GuestProgress>
    {
        /// <inheritdoc/>
        public void Report(GuestProgress value)
        {
            switch (value)
            {
                case GuestProgress.Notice { Text: var text }:
                    progress.Report(new Notice(text));
                    break;
                case GuestProgress.Warning { Text: var text }:
                    progress.Report(new Warning(text));
                    break;
            }
        }
    }
}
