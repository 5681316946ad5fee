using OverlayImg.Layers.Scripts;

namespace OverlayImg.Layers.Guests;

/// <summary>The scripts of a run, in the order in which they run; those that are null are left out.</summary>
public sealed record RunScripts
{
    /// <summary>Before the overlay is mounted.</summary>
    public Script? PreMount { get; init; }

    /// <summary>Whether the guest's shadow-setup runs before <see cref="RunAsRoot"/>.</summary>
    public bool ShadowSetup { get; init; }

    /// <summary>In the image's root, as root.</summary>
    public Script? RunAsRoot { get; init; }

    /// <summary>While the overlay is mounted.</summary>
    public Script? PostMount { get; init; }

    /// <summary>After it is unmounted, in the new layer's root.</summary>
    public Script? ExtraCommands { get; init; }

    /// <summary>After it is unmounted, as root, with the new layer as root directory.</summary>
    public Script? FakeRootCommands { get; init; }

    /// <summary>After it is unmounted.</summary>
    public Script? PostUmount { get; init; }
}
