namespace OverlayImg.Sandbox.Jobs;

/// <summary>A part of a job in the guest, in the order in which they come. Parts without a script are left out.</summary>
public enum JobPhase
{
    /// <summary>The guest looks for its disks.</summary>
    Disks,

    /// <summary>Disks and overlay are mounted.</summary>
    Mount,

    /// <summary>The hook before the overlay is mounted.</summary>
    PreMount,

    /// <summary>The script that runs as root in the image.</summary>
    Script,

    /// <summary>The hook with the overlay mounted.</summary>
    PostMount,

    /// <summary>Overlay and mounts are unmounted.</summary>
    Unmount,

    /// <summary>The script that works on the new layer alone.</summary>
    ExtraCommands,

    /// <summary>The script whose root directory is the new layer.</summary>
    FakeRootCommands,

    /// <summary>The hook after the overlay is unmounted.</summary>
    PostUmount,
}

/// <summary>The names that the protocol has for the phases.</summary>
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

    /// <summary>The name of a phase: "script", "post-umount".</summary>
    public static string Name(this JobPhase phase) => Phases.First(pair => pair.Value == phase).Key;

    /// <summary>The phase of a name; null for a name that the protocol does not know.</summary>
    public static JobPhase? Find(string name) => Phases.TryGetValue(name, out var phase) ? phase : null;
}
