using System.CommandLine;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.Settings;

namespace OverlayImg.Cli.Options;

/// <summary><c>--platform</c>: the platform of the image to read.</summary>
internal sealed class PlatformOption
{
    private readonly Option<string?> _platform = new Option<string?>("--platform")
    {
        Description = "Platform of the image, such as linux/arm64 or linux/arm/v7; an image for another platform is an error. " +
            "[default: this machine's platform for multi-platform images, any platform for other images]",
        HelpName = "OS/ARCH[/VARIANT]",
    }.Sets(ImageSetting.Platform);

    public void AddTo(Command command) => command.Add(OptionSection.Choice, _platform);

    /// <summary>The platform; null if the option is not given.</summary>
    /// <exception cref="UsageException">The value is no platform.</exception>
    public Platform? Read(ParseResult parsed) => parsed.GetValue(_platform) is not { } text ? null
        : Platform.Parse(text)
            ?? throw new UsageException($"'{text}' is not what --platform takes: give OS/ARCH[/VARIANT], such as linux/arm64 or linux/arm/v7.");
}
