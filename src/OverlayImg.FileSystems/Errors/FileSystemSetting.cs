namespace OverlayImg.FileSystems.Errors;

/// <summary>The settings that messages of this floor name.</summary>
public static class FileSystemSetting
{
    /// <summary>The size of the disk that is written.</summary>
    public static Setting DiskSize { get; } = new("disk size");

    /// <summary>Whether extended attributes are read and written.</summary>
    public static Setting ExtendedAttributes { get; } = new("extended attributes");
}
