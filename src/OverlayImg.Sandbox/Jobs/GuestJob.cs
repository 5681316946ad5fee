using OverlayImg.FileSystems;

namespace OverlayImg.Sandbox.Jobs;

/// <summary>What a guest does: scripts around and in an overlay of disks (vm-images/PROTOCOL.md). A guest does one job.</summary>
public sealed record GuestJob
{
    /// <summary>The disk images (ext4) of the parent layers, bottom first. Only read; several guests may share them.</summary>
    public IReadOnlyList<string> ParentDisks { get; init; } = [];

    /// <summary>The disk image (ext4) with <c>layer</c>, <c>work</c>, <c>mnt</c> and <c>out</c>; written, as the caches are, and nothing else.</summary>
    public required string UpperDisk { get; init; }

    /// <summary>Disks that are seen in the image while its scripts run.</summary>
    public IReadOnlyList<GuestMount> Mounts { get; init; } = [];

    /// <summary>
    /// Disks that the scripts write and that later jobs may have again: at most 16, each with a directory <c>content</c>, which the scripts see. They are
    /// trusted by nobody: one that can't be mounted is replaced by an empty directory (<see cref="JobResult.Caches"/>).
    /// </summary>
    public IReadOnlyList<GuestMount> Caches { get; init; } = [];

    /// <summary>The scripts, run by bash.</summary>
    public IReadOnlyDictionary<JobScript, ReadOnlyMemory<byte>> Scripts { get; init; } = new Dictionary<JobScript, ReadOnlyMemory<byte>>();

    /// <summary>Variables of the scripts' environment. Names without <c>=</c>, slash and NUL, of up to 255 bytes; values without NUL.</summary>
    public IReadOnlyDictionary<ByteString, ReadOnlyMemory<byte>> Environment { get; init; } = new Dictionary<ByteString, ReadOnlyMemory<byte>>();

    /// <summary>Whether the files that <c>useradd</c> and <c>groupadd</c> need are made before the script.</summary>
    public bool ShadowSetup { get; init; }

    /// <summary>How long the job may take, from the moment the guest is READY; null for ever.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>The limit of the whole run that <see cref="Timeout"/> is the rest of, as the user gave it; null where the job has a limit of its own.</summary>
    public TimeSpan? RunTimeout { get; init; }
}
