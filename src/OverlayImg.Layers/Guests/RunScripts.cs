using OverlayImg.Layers.Scripts;
using OverlayImg.Sandbox.Jobs;

namespace OverlayImg.Layers.Guests;

/// <summary>The scripts of a run, in the order in which they run; null for a script that the run does not have.</summary>
public sealed record RunScripts
{
    /// <summary>Runs before the overlay is mounted.</summary>
    public Script? PreMount { get; init; }

    /// <summary>Whether the guest's shadow-setup runs before the first of the <see cref="Steps"/>.</summary>
    public bool ShadowSetup { get; init; }

    /// <summary>Scripts and commands that run as root in the image's root directory, one after the other. A step that fails ends the run.</summary>
    public IReadOnlyList<Script> Steps { get; init; } = [];

    /// <summary>The place of <see cref="Steps"/> among the steps of several runs; null if the run has all steps.</summary>
    internal StepRange? Part { get; init; }

    /// <summary>An interactive shell instead of <see cref="Steps"/>; null for none.</summary>
    public JobShell? Shell { get; init; }

    /// <summary>Whether anything runs in the image's root directory, with the mounts that this needs.</summary>
    internal bool RunsInImage => Steps.Count > 0 || Shell is not null || ShadowSetup;

    /// <summary>All scripts in the order in which they run.</summary>
    internal IEnumerable<Script> All =>
        new[] { PreMount }.Concat(Steps).Concat([PostMount, ExtraCommands, FakeRootCommands, PostUmount]).OfType<Script>();

    /// <summary>Runs while the overlay is mounted.</summary>
    public Script? PostMount { get; init; }

    /// <summary>Runs after the overlay is unmounted, in the new layer's root directory.</summary>
    public Script? ExtraCommands { get; init; }

    /// <summary>Runs as root after the overlay is unmounted, with the new layer as root directory.</summary>
    public Script? FakeRootCommands { get; init; }

    /// <summary>Runs last, after the overlay is unmounted.</summary>
    public Script? PostUmount { get; init; }
}
