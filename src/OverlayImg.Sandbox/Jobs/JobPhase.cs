namespace OverlayImg.Sandbox.Jobs;

/// <summary>Phases of a job in the guest, in their order. Phases without a script are left out.</summary>
public enum JobPhase
{
    /// <summary>The guest creates partitions for its disks and mounts them.</summary>
    Disks,

    /// <summary>The overlay is mounted.</summary>
    Mount,

    /// <summary>The hook before the overlay is mounted.</summary>
    PreMount,

    /// <summary>The script that runs as root in the image.</summary>
    Script,

    /// <summary>The hook with the overlay mounted.</summary>
    PostMount,

    /// <summary>Overlay and mounts are unmounted.</summary>
    Unmount,

    /// <summary>The script that runs in the guest's root, with the new layer as its current directory.</summary>
    ExtraCommands,

    /// <summary>The script whose root directory is the new layer.</summary>
    FakeRootCommands,

    /// <summary>The last hook, after the overlay is unmounted.</summary>
    PostUmount,
}

/// <summary>The protocol's names of the phases.</summary>
internal static class JobPhaseNames
{
    private static readonly Dictionary<string, JobPhase> Phases = new(StringComparer.Ordinal)
    {
        ["disks"] = JobPhase.Disks,
        ["mount"] = JobPhase.Mount,
        ["pre-mount"] = JobPhase.PreMount,
        ["script"] = JobPhase.Script,
        ["post-mount"] = JobPhase.PostMount,
        ["unmount"] = JobPhase.Unmount,
        ["extra-commands"] = JobPhase.ExtraCommands,
        ["fake-root-commands"] = JobPhase.FakeRootCommands,
        ["post-umount"] = JobPhase.PostUmount,
    };

    /// <summary>Name of the phase: "script", "post-umount".</summary>
    public static string Name(this JobPhase phase) => Phases.First(pair => pair.Value == phase).Key;

    /// <summary>Returns the phase with this name, or null for an unknown name.</summary>
    public static JobPhase? Find(string name) => Phases.TryGetValue(name, out var phase) ? phase : null;
}
