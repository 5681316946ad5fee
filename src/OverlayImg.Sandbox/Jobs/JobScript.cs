namespace OverlayImg.Sandbox.Jobs;

/// <summary>The scripts that a job can have around its steps, by the place where they run (vm-images/PROTOCOL.md, "Parameters of a job").</summary>
public enum JobScript
{
    /// <summary>A hook in the guest's root, before the overlay is mounted.</summary>
    PreMount,

    /// <summary>A hook in the guest's root, with the overlay mounted.</summary>
    PostMount,

    /// <summary>A script in the guest's root, with the new layer as its current directory.</summary>
    ExtraCommands,

    /// <summary>A script whose root directory is the new layer.</summary>
    FakeRootCommands,

    /// <summary>A hook in the guest's root, after the overlay is unmounted.</summary>
    PostUmount,
}
