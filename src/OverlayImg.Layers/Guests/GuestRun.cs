namespace OverlayImg.Layers.Guests;

/// <summary>How a guest came to be READY.</summary>
public enum GuestStart
{
    /// <summary>It booted.</summary>
    Cold,

    /// <summary>It went on from a guest that was saved before.</summary>
    Warm,

    /// <summary>There was none: the result of a former run was reused.</summary>
    None,
}

/// <summary>What is worth knowing of the guest that ran, now or when the result was made.</summary>
/// <param name="Accelerator">"kvm" or "tcg".</param>
/// <param name="Start">How it started.</param>
/// <param name="Mounted">Whether it had the base image mounted already when it was saved.</param>
/// <param name="Network">Whether scripts had a network, so that the result may depend on more than the inputs.</param>
/// <param name="OutFile">The tar of what hooks left in <c>out</c>, or null.</param>
public sealed record GuestRun(string Accelerator, GuestStart Start, bool Mounted, bool Network, string? OutFile)
{
    /// <summary>Whether the user asked for TCG, so that KVM was not tried.</summary>
    public bool TcgWasChosen { get; init; }

    /// <summary>Whether the scripts had directories of the cache, which keep what they download.</summary>
    public bool HasCacheMounts { get; init; }

    /// <summary>How long the scripts took; zero where the result of a former run was reused.</summary>
    public TimeSpan ScriptTime { get; init; }
}
