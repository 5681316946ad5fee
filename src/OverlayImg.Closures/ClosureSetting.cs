namespace OverlayImg.Closures;

/// <summary>The settings that the messages of this project name.</summary>
public static class ClosureSetting
{
    /// <summary>The file that lists the closure.</summary>
    public static Setting File { get; } = new("file of the closure");

    /// <summary>The directory of the store.</summary>
    public static Setting StoreDirectory { get; } = new("directory of the store");

    /// <summary>Whether the image gets a Nix database.</summary>
    public static Setting NixDatabase { get; } = new("Nix database");

    /// <summary>How many layers the image may have.</summary>
    public static Setting MaxLayers { get; } = new("number of layers");

    /// <summary>How files are divided into layers.</summary>
    public static Setting Layering { get; } = new("layering");
}
