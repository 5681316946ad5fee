namespace OverlayImg.Sandbox.Settings;

/// <summary>The settings that messages of this floor name. The size of the guest's disk is <see cref="FileSystemSetting.DiskSize"/>.</summary>
public static class GuestSetting
{
    /// <summary>The accelerator that QEMU uses.</summary>
    public static Setting Accelerator { get; } = new("accelerator");

    /// <summary>The memory of the guest.</summary>
    public static Setting Memory { get; } = new("memory of the guest");

    /// <summary>Whether the guest has a network.</summary>
    public static Setting Network { get; } = new("network of the guest");

    /// <summary>How long a run may take.</summary>
    public static Setting Timeout { get; } = new("timeout of the run");

    /// <summary>How long the guest may take to become READY.</summary>
    public static Setting BootTimeout { get; } = new("timeout of the boot");

    /// <summary>Whether a guest starts from a saved one.</summary>
    public static Setting WarmStart { get; } = new("warm start");

    /// <summary>The directory of what guests keep for later runs, and of their disks and sockets.</summary>
    public static Setting CachePath { get; } = new("directory of the guest's files");
}
