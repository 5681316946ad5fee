using System.CommandLine;
using OverlayImg.Builders.NewImages.Specs;
using OverlayImg.Cli.Completion;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Registries.Options;
using OverlayImg.Images.Settings;

namespace OverlayImg.Cli.Options;

/// <summary>The options that choose the image that a verb builds on or reads.</summary>
internal sealed class BaseImageGroup
{
    /// <summary>The ways to name an image, for the help.</summary>
    public const string Forms = "an archive of docker, podman, skopeo, buildah or nixpkgs (compressed or not), " +
        "an OCI layout (a directory or a tar), or docker://NAME[:TAG|@DIGEST] in a registry. " +
        "The prefixes docker-archive:PATH[:NAME:TAG], oci-archive:PATH[:TAG] and oci:DIRECTORY[:TAG] state the format and choose one of " +
        "several images. The tar of a root file system is an image with one layer; " +
        "rootfs:PATH states this where the tar does not show it. - reads an archive from stdin.";

    private readonly Option<string?> _from = new Option<string?>("--from")
    {
        Description = $"The base image: {Forms} The word scratch stands for no base image.",
        HelpName = "IMAGE",
    }.CompletesImages(ScratchLocation.Word);
    private readonly Argument<string?> _image = new Argument<string?>("IMAGE")
    {
        Description = $"The image: {Forms}",
        Arity = ArgumentArity.ZeroOrOne,
    }.CompletesImages();
    private readonly Option<string?> _name = new Option<string?>("--from-name")
    {
        Description = "Name of the image to use, exactly as stored, where an archive or layout holds several images. [default: the first image]",
        HelpName = "NAME"
    }.Sets(ImageSetting.Name);
    private readonly Option<string?> _tag = new Option<string?>("--from-tag")
    {
        Description = "Tag of the image to use, where an archive or layout holds several images. [default: the first image]",
        HelpName = "TAG"
    }.Sets(ImageSetting.Tag);
    private readonly PlatformOption _platform = new();
    private readonly RegistryGroup _registry = new();

    public BaseImageGroup()
    {
        _name.CompletesNamesIn(Image);
        _tag.CompletesTagsIn(Image, line => line.ValueOf(_name));

        string? Image(CompletionLine line) => line.ValueOf(_from) ?? (line.Command.Arguments.Contains(_image) ? line.FirstArgument : null);
    }

    /// <summary>Adds the options to a verb that may have a base image.</summary>
    public void AddTo(Command command)
    {
        AddOptions(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_from) is null && (result.GetValue(_name) ?? result.GetValue(_tag)) is not null)
                result.AddError("--from-name and --from-tag choose an image of the archive or layout that --from names: give --from, too.");
        });
    }

    /// <summary>Adds the options to a verb that needs an image. The image may then also be the verb's argument.</summary>
    public void AddRequiredTo(Command command)
    {
        command.Add(_image);
        _from.Description = "The image, as an option instead of the argument IMAGE.";
        AddOptions(command);
        command.Validators.Add(result =>
        {
            var isTwice = result.GetValue(_image) is not null && result.GetValue(_from) is not null;
            if (isTwice) result.AddError("The image is named twice, by the argument IMAGE and by --from: give one of the two.");
            else if ((result.GetValue(_image) ?? result.GetValue(_from)) is null)
                result.AddError("The image is missing: give an archive, a layout, docker://NAME, or - for stdin.");
        });
    }

    /// <summary>The base image of the command line, else that of <paramref name="spec"/>; null without a base image.</summary>
    /// <exception cref="InputException">The image's name has a prefix or a form that is not supported.</exception>
    /// <exception cref="UsageException">A platform, a name or a tag is chosen, and there is no base image.</exception>
    public ImageChoice? Read(ParseResult parsed, ImageSpec? spec = null)
    {
        var platform = _platform.Read(parsed);
        if (parsed.GetValue(_from) is { } image) return image == ScratchLocation.Word ? Nothing(parsed) : Choice(image, parsed);
        if (spec?.FromImage is ScratchLocation.Word) return Nothing(parsed);
        if (spec?.FromImage is { } named)
            return ImageChoice.Parse(named, spec.FromImageName, spec.FromImageTag, platform, _registry.Read(parsed, named));
        return platform is null ? null : throw new UsageException("--platform chooses an image of a multi-platform base image: give --from, too.");
    }

    /// <exception cref="InputException">The image's name has a prefix or a form that is not supported.</exception>
    public ImageChoice ReadRequired(ParseResult parsed) => Choice((parsed.GetValue(_image) ?? parsed.GetValue(_from))!, parsed);

    // scratch is the empty base image, as in a Dockerfile.
    private ImageChoice? Nothing(ParseResult parsed)
    {
        if ((parsed.GetValue(_name) ?? parsed.GetValue(_tag)) is not null)
            throw new UsageException("The base image scratch is empty and has no name: leave --from-name and --from-tag out.");
        return _platform.Read(parsed) is null ? null
            : throw new UsageException("The base image scratch has no platform: give --arch instead of --platform.");
    }

    private ImageChoice Choice(string image, ParseResult parsed) =>
        ImageChoice.Parse(image, parsed.GetValue(_name), parsed.GetValue(_tag), _platform.Read(parsed), _registry.Read(parsed, image));

    private void AddOptions(Command command)
    {
        command.Add(OptionSection.Main, _from);
        command.Add(OptionSection.Choice, _name, _tag);
        _platform.AddTo(command);
        _registry.AddTo(command);
    }

    /// <summary>The access options of the registries of the base image and of <paramref name="other"/>.</summary>
    /// <exception cref="UsageException">An option for one registry is given, and two registries are named.</exception>
    public RegistryOptions Registries(ParseResult parsed, ImageSpec spec, string other) =>
        _registry.Read(parsed, parsed.GetValue(_from) ?? spec.FromImage ?? "", other);

    /// <summary>Whether <c>--from</c> reads the image from stdin.</summary>
    public bool ReadsStandardInput(ParseResult parsed) => parsed.GetValue(_from) == "-";
}
