using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.Sandbox.Qemu;

namespace OverlayImg.Sandbox.Snapshots;

/// <summary>
/// The snapshots in a directory of the cache: guests as they were at READY, before any disk and any job, and with the overlay of a base image mounted.
/// Each is a directory of its own, named by all that decides whether it can be restored, which appears whole or not at all: concurrent runs share it,
/// or make it at the same moment without harm.
/// </summary>
internal sealed class SnapshotStore
{
    /// <summary>A new QEMU or guest image makes new ones; so many of the latest stay (some 100 MB each).</summary>
    private const int MaximumCount = 4;

    /// <summary>So many of the latest stay of those with an overlay: one for each base image that is in use.</summary>
    private const int MaximumOverlayCount = 8;

    /// <summary>Between the name of the guest and that of its overlay, in the name of a snapshot that has one.</summary>
    private const char OverlayMark = '-';

    private const int NameLength = 32;
    private const string LockName = ".overlay-turn";

    /// <summary>Bytes of the cache's disk that must be free before a guest's memory is put there: several times what a guest at READY has used.</summary>
    private const long MinimumFreeSpace = 512L << 20;

    /// <summary>Changes when what is stored, or what the guest expects of whoever wakes it, does.</summary>
    private const string Format = "4";

    private readonly string _directory;
    private readonly string _name;
    private readonly bool _hasOverlay;

    /// <summary>The snapshot of one configuration, which need not be there.</summary>
    /// <param name="directory">Where all of them are.</param>
    /// <param name="program">QEMU: a state is only read by the binary that wrote it.</param>
    /// <param name="commandLine">Machine, accelerator, processor, memory, kernel parameters, devices.</param>
    /// <param name="image">What the guest booted.</param>
    public SnapshotStore(string directory, QemuProgram program, QemuCommandLine commandLine, GuestImage image)
    {
        _directory = directory;
        // What the guest booted counts by its content: the same guest image elsewhere gives the same guest.
        var arguments = (commandLine with { KernelPath = "", InitramfsPath = "" }).Arguments();
        string[] identity = [Format, program.Identity, image.Identity, HostProcessor(), .. arguments];
        _name = NameOf(string.Join('\0', identity));
    }

    private SnapshotStore(SnapshotStore other, string overlay) =>
        (_directory, _name, _hasOverlay) = (other._directory, $"{other._name}{OverlayMark}{NameOf(overlay)}", true);

    private string EntryPath => Path.Combine(_directory, _name);

    /// <summary>The snapshot of the same configuration with an overlay mounted.</summary>
    /// <param name="overlay">Names the overlay (<see cref="GuestOptions.Overlay"/>).</param>
    public SnapshotStore WithOverlay(string overlay) => new(this, overlay);

    /// <summary>The snapshot; null where there is none that is whole.</summary>
    public Snapshot? Find()
    {
        var snapshot = new Snapshot(EntryPath);
        if (snapshot.IsThere && snapshot.HasOverlay == _hasOverlay)
        {
            snapshot.Touch();
            return snapshot;
        }

        // One that lacks a file must not be in the place of the next one for ever.
        if (HostEntry.Exists(EntryPath)) Drop(snapshot);
        return null;
    }

    /// <summary>
    /// The lock for saving a guest with its overlay, until the lock is disposed of; null where another run has it: of runs that begin at once one is
    /// enough to save such a guest.
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

    /// <summary>Makes a place to write a new snapshot to; null where the cache can't be written or is nearly full, which costs time and nothing else.</summary>
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

    /// <summary>Puts a written snapshot in its place. Where another run was quicker, that one's stays.</summary>
    public void Publish(Snapshot written)
    {
        try
        {
            if (!Directory.Exists(EntryPath)) Directory.Move(written.DirectoryPath, EntryPath);
        }
        catch (IOException)
        {
            // Another run's came first. The two are as good.
        }

        Prune();
    }

    /// <summary>Takes a snapshot away that did not restore. It leaves its place at once; whoever is reading it goes on.</summary>
    public static void Drop(Snapshot snapshot)
    {
        var dropped = Path.Combine(Path.GetDirectoryName(snapshot.DirectoryPath)!, $".new-{Path.GetRandomFileName()}");
        try
        {
            HostEntry.Move(snapshot.DirectoryPath, dropped);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Another run dropped it first, or the cache is only read.
            return;
        }

        new Snapshot(dropped).Remove();
    }

    // What a killed run left half-written goes when it is an hour old.
    private void Prune()
    {
        var directories = new DirectoryInfo(_directory).GetDirectories();
        var leftovers = directories.Where(directory => directory.Name.StartsWith('.') && directory.LastWriteTimeUtc < DateTime.UtcNow.AddHours(-1));
        var kinds = directories.Where(directory => !directory.Name.StartsWith('.')).ToLookup(directory => directory.Name.Contains(OverlayMark));
        var old = Oldest(kinds[false], MaximumCount).Concat(Oldest(kinds[true], MaximumOverlayCount));
        foreach (var directory in leftovers.Concat(old)) new Snapshot(directory.FullName).Remove();
    }

    private static IEnumerable<DirectoryInfo> Oldest(IEnumerable<DirectoryInfo> directories, int spared) =>
        directories.OrderByDescending(directory => directory.LastWriteTimeUtc).ThenBy(directory => directory.Name, StringComparer.Ordinal).Skip(spared);

    private static string NameOf(string identity) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)))[..NameLength];

    // KVM shows the guest the host's processor, and a kernel that was started on one may not run on another.
    private static string HostProcessor()
    {
        const string Information = "/proc/cpuinfo";
        string[] names = ["vendor_id", "model name", "stepping", "microcode", "flags"];
        var lines = File.ReadLines(Information).TakeWhile(line => line.Length > 0);
        var telling = lines.Where(line => names.Any(name => line.StartsWith(name, StringComparison.Ordinal)));
        return string.Create(CultureInfo.InvariantCulture, $"{string.Join('\n', telling)}\n{Environment.OSVersion.Version}");
    }
}
