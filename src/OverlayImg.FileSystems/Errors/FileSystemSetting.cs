namespace OverlayImg.FileSystems.Errors;

/// <summary>The settings that messages of this assembly refer to.</summary>
public static class FileSystemSetting
{
    /// <summary>The size in bytes of an ext4 disk that is written.</summary>
    public static Setting DiskSize { get; } = new("disk size");

    /// <summary>Whether extended attributes are read and written.</summary>
    public static Setting ExtendedAttributes { get; } = new("extended attributes");
}
