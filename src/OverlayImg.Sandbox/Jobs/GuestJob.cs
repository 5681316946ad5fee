using OverlayImg.FileSystems;

namespace OverlayImg.Sandbox.Jobs;

/// <summary>The one job of a guest: the disks of an overlay, and the scripts to run around it and in it (vm-images/PROTOCOL.md).</summary>
public sealed record GuestJob
{
    /// <summary>Paths of the parent layers' ext4 disk images, bottom first. They are opened read-only, and several guests may share them.</summary>
    public IReadOnlyList<string> ParentDisks { get; init; } = [];

    /// <summary>
    /// Path of the upper disk: an ext4 disk image with the directories <c>layer</c>, <c>work</c>, <c>mnt</c> and <c>out</c>. The guest writes to it.
    /// </summary>
    public required string UpperDisk { get; init; }

    /// <summary>Read-only disks that the scripts see at their targets.</summary>
    public IReadOnlyList<GuestMount> Mounts { get; init; } = [];

    /// <summary>
    /// Caches: at most 16 disks that the scripts write and later jobs may use again. Scripts see the directory <c>content</c> of each. A cache that
    /// can't be mounted is replaced by an empty directory (<see cref="JobResult.Caches"/>).
    /// </summary>
    public IReadOnlyList<GuestMount> Caches { get; init; } = [];

    /// <summary>The scripts and commands that run as root in the image, one after the other.</summary>
    public IReadOnlyList<JobStep> Steps { get; init; } = [];

    /// <summary>The place of <see cref="Steps"/> among the steps of several jobs; null if the job has all steps.</summary>
    public StepRange? Part { get; init; }

    /// <summary>The interactive shell of the job; null for none. A job with a shell has no steps.</summary>
    public JobShell? Shell { get; init; }

    /// <summary>The texts of the scripts around the steps.</summary>
    public IReadOnlyDictionary<JobScript, ReadOnlyMemory<byte>> Scripts { get; init; } = new Dictionary<JobScript, ReadOnlyMemory<byte>>();

    /// <summary>Names of the scripts in <see cref="Scripts"/>, for messages.</summary>
    public IReadOnlyDictionary<JobScript, string> ScriptNames { get; init; } = new Dictionary<JobScript, string>();

    /// <summary>Secrets that all scripts can read. Names must be unique.</summary>
    public IReadOnlyList<GuestSecret> Secrets { get; init; } = [];

    /// <summary>
    /// Environment variables that the image sets for the steps, with the rules of <see cref="Environment"/>, which wins. The guest adds its own tools
    /// to the end of PATH.
    /// </summary>
    public IReadOnlyDictionary<ByteString, ReadOnlyMemory<byte>> ImageEnvironment { get; init; } = new Dictionary<ByteString, ReadOnlyMemory<byte>>();

    /// <summary>
    /// Environment variables of the scripts. Names have at most 255 bytes without <c>=</c>, slash and NUL; values have no NUL.
    /// </summary>
    public IReadOnlyDictionary<ByteString, ReadOnlyMemory<byte>> Environment { get; init; } = new Dictionary<ByteString, ReadOnlyMemory<byte>>();

    /// <summary>Whether <c>shadow-setup</c> creates the files that <c>useradd</c> and <c>groupadd</c> need, before the script in the image.</summary>
    public bool ShadowSetup { get; init; }

    /// <summary>Time limit of the job, counted from the call that runs the job; null for none.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>
    /// The time limit of the whole run, as the user gave it, for messages. <see cref="Timeout"/> is then the rest of it. Null if the limit is the
    /// job's own.
    /// </summary>
    public TimeSpan? RunTimeout { get; init; }
}
