using System.CommandLine;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Settings;

namespace OverlayImg.Cli.Options;

/// <summary>The argument and the options that choose the image that a verb shows.</summary>
internal sealed class ImageArgument
{
    private readonly Argument<string> _image = new Argument<string>("IMAGE")
    {
        Description = $"The image: {BaseImageGroup.Forms}",
    }.CompletesImages();

    private readonly Option<string?> _name = new Option<string?>("--name", "--from-name")
    {
        Description = "Name of the only image to show, exactly as stored in the archive or layout. [default: all images]",
        HelpName = "NAME",
    }.Sets(ImageSetting.Name);

    private readonly Option<string?> _tag = new Option<string?>("--tag", "--from-tag")
    {
        Description = "Tag of the only image to show of the archive or layout. [default: all images]",
        HelpName = "TAG",
    }.Sets(ImageSetting.Tag);

    private readonly PlatformOption _platform = new();
    private readonly RegistryGroup _registry = new();

    public ImageArgument()
    {
        _name.CompletesNamesIn(line => line.FirstArgument);
        _tag.CompletesTagsIn(line => line.FirstArgument, line => line.ValueOf(_name));
    }

    public void AddTo(Command command)
    {
        command.Add(_image);
        command.Add(OptionSection.Choice, _name, _tag);
        _platform.AddTo(command);
        _registry.AddTo(command);
    }

    /// <exception cref="InputException">The image's name has a prefix or a form that is not supported.</exception>
    public ImageChoice Read(ParseResult parsed) =>
        ImageChoice.Parse(
            parsed.GetValue(_image)!, parsed.GetValue(_name), parsed.GetValue(_tag), _platform.Read(parsed),
            _registry.Read(parsed, parsed.GetValue(_image)!));
}
