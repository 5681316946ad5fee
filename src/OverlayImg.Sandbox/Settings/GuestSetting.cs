namespace OverlayImg.Sandbox.Settings;

/// <summary>Settings that messages of this assembly name. The guest's disk size is <see cref="FileSystemSetting.DiskSize"/>.</summary>
public static class GuestSetting
{
    /// <summary>The accelerator that QEMU uses.</summary>
    public static Setting Accelerator { get; } = new("accelerator");

    /// <summary>The memory of the guest.</summary>
    public static Setting Memory { get; } = new("memory of the guest");

    /// <summary>Whether the guest has a network.</summary>
    public static Setting Network { get; } = new("network of the guest");

    /// <summary>Time limit of a run.</summary>
    public static Setting Timeout { get; } = new("timeout of the run");

    /// <summary>How long the guest may take to become READY.</summary>
    public static Setting BootTimeout { get; } = new("timeout of the boot");

    /// <summary>Whether guests start from snapshots.</summary>
    public static Setting WarmStart { get; } = new("warm start");

    /// <summary>Directory for snapshots, and for the disks and sockets of guests.</summary>
    public static Setting CachePath { get; } = new("directory of the guest's files");
}
