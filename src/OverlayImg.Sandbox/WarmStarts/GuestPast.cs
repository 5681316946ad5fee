using OverlayImg.Sandbox.Qemu;

namespace OverlayImg.Sandbox.WarmStarts;

/// <summary>What a guest has to do with a snapshot.</summary>
internal sealed record GuestPast
{
    private readonly Snapshot _snapshot;
    private readonly bool _isOwn;
    private readonly bool _isNew;

    private GuestPast(Snapshot snapshot, bool isOwn, bool isNew) => (_snapshot, _isOwn, _isNew) = (snapshot, isOwn, isNew);

    /// <summary>The state that QEMU goes on from; null where the guest boots.</summary>
    public string? StatePath => _isNew ? null : _snapshot.StatePath;

    /// <summary>A guest that boots, and will be saved.</summary>
    public static GuestPast SavedTo(Snapshot snapshot) => new(snapshot, isOwn: true, isNew: true);

    /// <summary>A guest that goes on from one that this process has just saved, and no other has seen.</summary>
    public static GuestPast FromOwn(Snapshot snapshot) => new(snapshot, isOwn: true, isNew: false);

    /// <summary>A guest that goes on from what the cache has kept.</summary>
    public static GuestPast From(Snapshot snapshot) => new(snapshot, isOwn: false, isNew: false);

    /// <summary>QEMU's arguments for it. Guests of one snapshot share its memory, and each keeps what it writes to itself.</summary>
    public IReadOnlyList<string> Arguments(QemuCommandLine commandLine) =>
        [.. commandLine.MemoryFile(_snapshot.MemoryPath, shared: _isNew), .. _isNew ? [] : QemuCommandLine.Incoming];

    /// <summary>Whether the snapshot is what was saved.</summary>
    public Task<bool> IsWholeAsync(CancellationToken cancellationToken) => _isOwn ? Task.FromResult(true) : _snapshot.IsWholeAsync(cancellationToken);
}
