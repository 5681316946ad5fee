using OverlayImg.Sandbox.Machines;
using OverlayImg.Sandbox.Snapshots;

namespace OverlayImg.Sandbox.WarmStarts;

/// <summary>A guest that waits for its job, and what its start has begun for later guests. Disposing ends both.</summary>
/// <param name="life">The guest: READY, or paused with its overlay mounted.</param>
internal sealed class StartedGuest(GuestLife life) : IAsyncDisposable
{
    /// <summary>The guest.</summary>
    public GuestLife Life => life;

    /// <summary>The snapshot that the guest was started from; null for a guest that booted.</summary>
    public Snapshot? Snapshot { get; init; }

    /// <summary>Whether the guest was started from a snapshot with the overlay of its job mounted.</summary>
    public bool IsMounted { get; } = life.State is GuestState.MountedPaused;

    /// <summary>Saves the guest once more, with its overlay mounted; null where the guest is not to be saved.</summary>
    public OverlaySaving? OverlaySaving { get; init; }

    /// <summary>The publishing of the snapshot that the guest was saved to when it had booted; complete where there is nothing to publish.</summary>
    public Task Publishing { get; init; } = Task.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await life.DisposeAsync();
        await Publishing;
        if (OverlaySaving is not null) await OverlaySaving.DisposeAsync();
    }
}
