using Microsoft.Win32.SafeHandles;

namespace OverlayImg.FileSystems.HostDirectory;

/// <summary>
/// A cache of one open file per scanned directory, so that a large file that is read in pieces is opened once. A thread that takes the handle
/// owns it. A thread that finds the cache empty opens the file itself.
/// </summary>
internal sealed class HandleSlot
{
    private OpenFile? _kept;

    private sealed record OpenFile(HostFileContent Owner, SafeFileHandle Handle);

    /// <summary>Takes the handle of <paramref name="owner"/>, which the caller then owns. Null where the cache has no such handle.</summary>
    public SafeFileHandle? Take(HostFileContent owner)
    {
        var kept = Interlocked.Exchange(ref _kept, null);
        if (kept is null || ReferenceEquals(kept.Owner, owner)) return kept?.Handle;
        kept.Handle.Dispose();
        return null;
    }

    /// <summary>Puts <paramref name="handle"/> into the cache and closes the handle that the cache had.</summary>
    public void Keep(HostFileContent owner, SafeFileHandle handle) => Interlocked.Exchange(ref _kept, new(owner, handle))?.Handle.Dispose();
}
