using System.CommandLine;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.Settings;

namespace OverlayImg.Cli.Options;

/// <summary><c>--platform</c>: which of an image's variants is read.</summary>
internal sealed class PlatformOption
{
    private readonly Option<string?> _platform = new Option<string?>("--platform")
    {
        Description = "What the image must be for, such as linux/arm64 or linux/arm/v7. [default: of an image for several platforms that for this machine, and any other as it is]",
        HelpName = "OS/ARCH[/VARIANT]",
    }.Sets(ImageSetting.Platform);

    public void AddTo(Command command) => command.Add(_platform);

    /// <summary>The platform; null where none is asked for.</summary>
    /// <exception cref="UsageException">It is none.</exception>
    public Platform? Read(ParseResult parsed) => parsed.GetValue(_platform) is not { } text ? null
        : Platform.Parse(text) ?? throw new UsageException($"'{text}' is not what --platform takes: give OS/ARCH[/VARIANT], such as linux/arm64 or linux/arm/v7.");
}
