using OverlayImg.FileSystems;
using OverlayImg.Sandbox;

namespace OverlayImg.Builders;

/// <summary>A guest that boots while other work is done.</summary>
internal sealed class GuestBoot : IAsyncDisposable
{
    private readonly CancellationTokenSource _ended;
    private readonly Task<Guest> _booting;

    private GuestBoot(CancellationTokenSource ended, Task<Guest> booting) => (_ended, _booting) = (ended, booting);

    /// <summary>Begins to boot.</summary>
    /// <param name="options">The run.</param>
    /// <param name="overlay">Names the overlay that the guest may be saved with; null for none.</param>
    /// <param name="scratch">Where the guest's files are.</param>
    /// <param name="progress">Is told what the user should know.</param>
    /// <param name="cancellationToken">Ends the guest.</param>
    public static GuestBoot Begin(
        GuestLayerOptions options, string? overlay, ScratchDirectory scratch, IProgress<BuildEvent> progress, CancellationToken cancellationToken)
    {
        var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var guest = new GuestOptions
        {
            Image = GuestImage.Find(),
            ScratchPath = scratch.NewPath("guest"),
            CachePath = options.CacheDirectory,
            SnapshotsPath = options.Guest.WarmStart ? Path.Combine(options.CacheDirectory, "snapshots") : null,
            Overlay = overlay,
            Accelerator = options.Guest.Accelerator,
            MemoryMiB = options.Guest.MemoryMiB,
            Cpus = options.Guest.Cpus,
            Network = options.Guest.Network,
            BootTimeout = options.Guest.BootTimeout,
        };
        return new(ended, GuestStarter.StartAsync(guest, new GuestReports(progress), ended.Token));
    }

    /// <summary>Does <paramref name="work"/> while the guest boots. If the guest fails first, the work is given up:
    /// its result would be of no use.</summary>
    public async Task<T> DuringAsync<T>(Func<CancellationToken, Task<T>> work)
    {
        Task<T>? working = null;
        await DuringAsync((Func<CancellationToken, Task>)(token => working = work(token)));
        return await working!;
    }

    /// <summary>As the other one, for work without a result.</summary>
    public async Task DuringAsync(Func<CancellationToken, Task> work)
    {
        using var givenUp = CancellationTokenSource.CreateLinkedTokenSource(_ended.Token);
        var working = work(givenUp.Token);
        if (await Task.WhenAny(working, _booting) == _booting && !_booting.IsCompletedSuccessfully)
        {
            await givenUp.CancelAsync();
            await Task.WhenAny(working);
            await _booting;
        }

        await working;
    }

    /// <summary>The guest, as soon as it is READY. It stays this object's to dispose.</summary>
    public Task<Guest> ReadyAsync() => _booting;

    /// <summary>Ends the guest, booted or not.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await Task.WhenAny(_booting);
        if (_booting.IsCompletedSuccessfully) await (await _booting).DisposeAsync();
        _ended.Dispose();
    }

    /// <summary>Hands on what a guest tells as events.</summary>
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
