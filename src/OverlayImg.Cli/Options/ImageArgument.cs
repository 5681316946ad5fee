using System.CommandLine;
using OverlayImg.Images.Locations;

namespace OverlayImg.Cli.Options;

/// <summary>The image that a verb looks at.</summary>
internal sealed class ImageArgument
{
    private readonly Argument<string> _image = new("IMAGE")
    {
        Description = $"The image: {BaseImageGroup.Forms}",
    };

    private readonly Option<string?> _name = new("--name", "--from-name")
    {
        Description = "Which image of the archive or layout: its name, exactly as it is there.",
        HelpName = "NAME",
    };

    private readonly Option<string?> _tag = new("--tag", "--from-tag") { Description = "Which image of the archive or layout: its tag.", HelpName = "TAG" };
    private readonly PlatformOption _platform = new();
    private readonly RegistryGroup _registry = new();

    public void AddTo(Command command)
    {
        command.Add(_image);
        command.Add(_name);
        command.Add(_tag);
        _platform.AddTo(command);
        _registry.AddTo(command);
    }

    /// <exception cref="InputException">It names a transport in a way that is not supported.</exception>
    public BaseImageChoice Read(ParseResult parsed) =>
        BaseImageChoice.Parse(
            parsed.GetValue(_image)!, parsed.GetValue(_name), parsed.GetValue(_tag), _platform.Read(parsed), _registry.Read(parsed, parsed.GetValue(_image)!));
}
