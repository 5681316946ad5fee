namespace OverlayImg.Layers.Guests;

/// <summary>How a guest became READY.</summary>
public enum GuestStart
{
    /// <summary>The guest booted.</summary>
    Cold,

    /// <summary>The guest was restored from a snapshot.</summary>
    Warm,

    /// <summary>No guest ran, because the result of an earlier run was reused.</summary>
    None,
}

/// <summary>Facts about the guest that made a result, in this run or in an earlier one.</summary>
/// <param name="Accelerator"><c>kvm</c> or <c>tcg</c>.</param>
/// <param name="Mounted">Whether the snapshot of the guest had the base image mounted.</param>
/// <param name="Network">Whether scripts had a network. The result may then depend on more than the inputs.</param>
/// <param name="OutFile">Path of the tar with the files that hooks left in <c>out</c>; null for none.</param>
public sealed record GuestRun(string Accelerator, GuestStart Start, bool Mounted, bool Network, string? OutFile)
{
    /// <summary>Whether the user asked for TCG, so that KVM was not tried.</summary>
    public bool TcgWasChosen { get; init; }

    /// <summary>Whether the scripts had cache mounts, which keep downloaded files.</summary>
    public bool HasCacheMounts { get; init; }

    /// <summary>Total duration of the scripts; zero if the result of an earlier run was reused.</summary>
    public TimeSpan ScriptTime { get; init; }
}
