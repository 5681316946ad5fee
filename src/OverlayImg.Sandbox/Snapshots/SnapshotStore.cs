using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.Sandbox.Qemu;

namespace OverlayImg.Sandbox.Snapshots;

/// <summary>
/// The directory of snapshots in the cache: guests that were READY and had no disk, and guests with the overlay of a base image mounted. The name of
/// a snapshot is a hash of everything that decides whether it can be restored. Snapshots are published atomically, so concurrent runs can use and
/// create them without locks.
/// </summary>
internal sealed class SnapshotStore
{
    /// <summary>Number of snapshots without an overlay that are kept, about 100 MB each. A new QEMU or guest image needs a new snapshot.</summary>
    private const int MaximumCount = 4;

    /// <summary>Number of snapshots with an overlay that are kept: one for each base image in use.</summary>
    private const int MaximumOverlayCount = 8;

    /// <summary>Separates the guest's hash from the overlay's hash in the name of a snapshot with an overlay.</summary>
    private const char OverlayMark = '-';

    private const int NameLength = 32;
    private const string LockName = ".overlay-turn";

    /// <summary>Free space in bytes that the cache's disk must have for a snapshot: several times the memory that a READY guest has used.</summary>
    private const long MinimumFreeSpace = 512L << 20;

    /// <summary>Version of the stored files and of what a saved guest expects from the host. Part of the snapshot's name.</summary>
    private const string Format = "4";

    private readonly string _directory;
    private readonly string _name;
    private readonly bool _hasOverlay;

    /// <summary>Opens the store for one configuration. The snapshot need not exist.</summary>
    /// <param name="directory">The directory of all snapshots.</param>
    /// <param name="program">QEMU. Only the executable that wrote a state can load it.</param>
    /// <param name="commandLine">QEMU's arguments: machine, accelerator, processor, memory, kernel parameters, devices.</param>
    /// <param name="image">The guest image that the guest boots.</param>
    public SnapshotStore(string directory, QemuProgram program, QemuCommandLine commandLine, GuestImage image)
    {
        _directory = directory;
        // The guest image counts by its identity and not by its path, so that a copy of it elsewhere uses the same snapshots.
        var arguments = (commandLine with { KernelPath = "", InitramfsPath = "" }).Arguments();
        string[] identity = [Format, program.Identity, image.Identity, HostProcessor(), .. arguments];
        _name = NameOf(string.Join('\0', identity));
    }

    private SnapshotStore(SnapshotStore other, string overlay) =>
        (_directory, _name, _hasOverlay) = (other._directory, $"{other._name}{OverlayMark}{NameOf(overlay)}", true);

    private string EntryPath => Path.Combine(_directory, _name);

    /// <summary>Returns the store for the same configuration with an overlay mounted.</summary>
    /// <param name="overlay">Key of the overlay (<see cref="GuestOptions.Overlay"/>).</param>
    public SnapshotStore WithOverlay(string overlay) => new(this, overlay);

    /// <summary>Returns the snapshot, or null if there is no complete one.</summary>
    public Snapshot? Find()
    {
        var snapshot = new Snapshot(EntryPath);
        if (snapshot.IsComplete && snapshot.HasOverlay == _hasOverlay)
        {
            snapshot.Touch();
            return snapshot;
        }

        // An incomplete snapshot would block its place for ever.
        if (HostEntry.Exists(EntryPath)) Drop(snapshot);
        return null;
    }

    /// <summary>
    /// Takes the lock for saving a guest with its overlay. Returns null if another run has the lock: of concurrent runs only one saves such a guest.
    /// Disposing the result releases the lock.
    /// </summary>
    public IDisposable? TryLockOverlays()
    {
        try
        {
            return new FileStream(Path.Combine(_directory, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Creates a directory for a new snapshot. Returns null if the cache can't be written or its disk is nearly full.</summary>
    public Snapshot? Prepare()
    {
        var temporary = Path.Combine(_directory, $".new-{Path.GetRandomFileName()}");
        try
        {
            PrivateDirectory.Create(temporary);
            if (new DriveInfo(temporary).AvailableFreeSpace >= MinimumFreeSpace) return new(temporary);
            Directory.Delete(temporary);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Publishes a complete snapshot. If another run has published the same snapshot before, that one stays.</summary>
    public void Publish(Snapshot written)
    {
        try
        {
            if (!Directory.Exists(EntryPath)) Directory.Move(written.DirectoryPath, EntryPath);
        }
        catch (IOException)
        {
            // Another run has published an equivalent snapshot in between.
        }

        Prune();
    }

    /// <summary>Removes a snapshot that can't be restored. Its name is free at once, and runs that have it open can go on reading it.</summary>
    public static void Drop(Snapshot snapshot)
    {
        var dropped = Path.Combine(Path.GetDirectoryName(snapshot.DirectoryPath)!, $".new-{Path.GetRandomFileName()}");
        try
        {
            HostEntry.Move(snapshot.DirectoryPath, dropped);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Another run has dropped the snapshot before, or the cache is read-only.
            return;
        }

        new Snapshot(dropped).Remove();
    }

    // Unpublished snapshots of killed runs are removed after an hour.
    private void Prune()
    {
        var directories = new DirectoryInfo(_directory).GetDirectories();
        var leftovers = directories.Where(directory => directory.Name.StartsWith('.') && directory.LastWriteTimeUtc < DateTime.UtcNow.AddHours(-1));
        var kinds = directories.Where(directory => !directory.Name.StartsWith('.')).ToLookup(directory => directory.Name.Contains(OverlayMark));
        var old = Oldest(kinds[false], MaximumCount).Concat(Oldest(kinds[true], MaximumOverlayCount));
        foreach (var directory in leftovers.Concat(old)) new Snapshot(directory.FullName).Remove();
    }

    private static IEnumerable<DirectoryInfo> Oldest(IEnumerable<DirectoryInfo> directories, int spared) =>
        directories.OrderByDescending(directory => directory.LastWriteTimeUtc)
            .ThenBy(directory => directory.Name, StringComparer.Ordinal).Skip(spared);

    private static string NameOf(string identity) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)))[..NameLength];

    // Under KVM the guest sees the host's processor. A kernel that booted on one processor model may fail on another.
    private static string HostProcessor()
    {
        const string Information = "/proc/cpuinfo";
        string[] names = ["vendor_id", "model name", "stepping", "microcode", "flags"];
        var lines = File.ReadLines(Information).TakeWhile(line => line.Length > 0);
        var identifying = lines.Where(line => names.Any(name => line.StartsWith(name, StringComparison.Ordinal)));
        return string.Create(CultureInfo.InvariantCulture, $"{string.Join('\n', identifying)}\n{Environment.OSVersion.Version}");
    }
}
