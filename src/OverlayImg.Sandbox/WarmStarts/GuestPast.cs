using OverlayImg.Sandbox.Qemu;

namespace OverlayImg.Sandbox.WarmStarts;

/// <summary>What a guest has to do with a snapshot.</summary>
/// <param name="Snapshot">The snapshot.</param>
/// <param name="IsNew">Whether the guest boots and is saved to it; else it goes on from it.</param>
internal sealed record GuestPast(Snapshot Snapshot, bool IsNew)
{
    /// <summary>The snapshot that the guest goes on from; null where it boots.</summary>
    public Snapshot? Restored => IsNew ? null : Snapshot;

    /// <summary>QEMU's arguments for it. Guests of one snapshot share its memory, and each keeps what it writes to itself.</summary>
    public IReadOnlyList<string> Arguments(QemuCommandLine commandLine) =>
        [.. commandLine.MemoryFile(Snapshot.MemoryPath, shared: IsNew), .. IsNew ? [] : QemuCommandLine.Incoming];
}
