namespace OverlayImg.Images.Settings;

/// <summary>The settings that messages of this floor name.</summary>
public static class ImageSetting
{
    /// <summary>The name of the image that is chosen in an archive or a layout.</summary>
    public static Setting Name { get; } = new("name of the image");

    /// <summary>The tag of the image that is chosen in an archive or a layout.</summary>
    public static Setting Tag { get; } = new("tag of the image");

    /// <summary>The platform of the image that is chosen in an index.</summary>
    public static Setting Platform { get; } = new("platform of the image");

    /// <summary>Whether a registry is spoken to without TLS.</summary>
    public static Setting PlainHttp { get; } = new("plain HTTP");

    /// <summary>Whether a registry must show a certificate that is trusted.</summary>
    public static Setting TlsVerification { get; } = new("verification of certificates");

    /// <summary>The script that makes a layer as root, and can delete files of the layers below.</summary>
    public static Setting RootScript { get; } = new("script that runs as root");
}
