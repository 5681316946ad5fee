using Microsoft.Win32.SafeHandles;

namespace OverlayImg.FileSystems.HostDirectory;

/// <summary>
/// Room for one open file per scanned directory: a big file, read piece by piece, is opened once and not for each piece. Whoever takes
/// the handle has it alone, so threads that read at the same time never meet; the one that finds the room empty opens the file itself.
/// </summary>
internal sealed class HandleSlot
{
    private OpenFile? _kept;

    private sealed record OpenFile(HostFileContent Owner, SafeFileHandle Handle);

    /// <summary>The handle kept for <paramref name="owner"/>, now the caller's; null when another file's or none is kept.</summary>
    public SafeFileHandle? Take(HostFileContent owner)
    {
        var kept = Interlocked.Exchange(ref _kept, null);
        if (kept is null || ReferenceEquals(kept.Owner, owner)) return kept?.Handle;
        kept.Handle.Dispose();
        return null;
    }

    /// <summary>Keeps <paramref name="handle"/> in the place of what was kept before.</summary>
    public void Keep(HostFileContent owner, SafeFileHandle handle) => Interlocked.Exchange(ref _kept, new(owner, handle))?.Handle.Dispose();
}
