namespace OverlayImg.Images.Settings;

/// <summary>The settings that messages of <c>OverlayImg.Images</c> name.</summary>
public static class ImageSetting
{
    /// <summary>The name that selects an image in an archive or a layout.</summary>
    public static Setting Name { get; } = new("name of the image");

    /// <summary>The tag that selects an image in an archive or a layout.</summary>
    public static Setting Tag { get; } = new("tag of the image");

    /// <summary>The platform that selects an image in an index.</summary>
    public static Setting Platform { get; } = new("platform of the image");

    /// <summary>Whether a registry is accessed without TLS.</summary>
    public static Setting PlainHttp { get; } = new("plain HTTP");

    /// <summary>Whether the certificate of a registry is verified.</summary>
    public static Setting TlsVerification { get; } = new("verification of certificates");

    /// <summary>The script that makes a layer as root, and can delete files of the layers below.</summary>
    public static Setting RootScript { get; } = new("script that runs as root");
}
