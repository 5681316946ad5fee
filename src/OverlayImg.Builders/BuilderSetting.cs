namespace OverlayImg.Builders;

/// <summary>The settings that messages of the builders name.</summary>
public static class BuilderSetting
{
    /// <summary>Whether the image gets the files that <c>useradd</c> and <c>groupadd</c> need before the root script runs.</summary>
    public static Setting ShadowSetup { get; } = new("shadow setup");

    /// <summary>Whether the image inherits the base image's whole container config.</summary>
    public static Setting InheritConfig { get; } = new("inherited config");

    /// <summary>Whether durations and stack traces are shown.</summary>
    public static Setting Details { get; } = new("details");
}
