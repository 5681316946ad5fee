namespace OverlayImg.Sandbox.Jobs;

/// <summary>The scripts that a job can have (vm-images/PROTOCOL.md, "Parameters of a job").</summary>
public enum JobScript
{
    /// <summary>In the guest's root, before the overlay is mounted.</summary>
    PreMount,

    /// <summary>As root in the image.</summary>
    RunAsRoot,

    /// <summary>In the guest's root, with the overlay mounted.</summary>
    PostMount,

    /// <summary>In the guest's root, on the new layer alone.</summary>
    ExtraCommands,

    /// <summary>In the root of the new layer, with the layer as root directory.</summary>
    FakeRootCommands,

    /// <summary>In the guest's root, after the overlay is unmounted.</summary>
    PostUmount,
}
