using OverlayImg.Sandbox.Machines;
using OverlayImg.Sandbox.Snapshots;

namespace OverlayImg.Sandbox.WarmStarts;

/// <summary>
/// A guest that waits for its job, and the snapshots that its start is still writing. Disposing ends the guest and waits for the snapshots.
/// </summary>
/// <param name="life">The guest: READY, or paused with its overlay mounted.</param>
internal sealed class StartedGuest(GuestLife life) : IAsyncDisposable
{
    public GuestLife Life => life;

    /// <summary>The snapshot that the guest was started from; null for a guest that booted.</summary>
    public Snapshot? Snapshot { get; init; }

    /// <summary>Whether the guest was started from a snapshot with the overlay of its job mounted.</summary>
    public bool IsMounted { get; } = life.State is GuestState.MountedPaused;

    /// <summary>Saves the guest a second time, with its overlay mounted; null if the guest is not to be saved again.</summary>
    public OverlaySaving? OverlaySaving { get; init; }

    /// <summary>The publishing of the snapshot that was taken after the boot; a completed task if there is none.</summary>
    public Task Publishing { get; init; } = Task.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await life.DisposeAsync();
        await Publishing;
        if (OverlaySaving is not null) await OverlaySaving.DisposeAsync();
    }
}
