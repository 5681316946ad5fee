using System.CommandLine;
using OverlayImg.Builders.NewImages.Specs;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Registries.Options;
using OverlayImg.Images.Settings;

namespace OverlayImg.Cli.Options;

/// <summary>Which image a verb builds on, or reads.</summary>
internal sealed class BaseImageGroup
{
    /// <summary>What an image may be, for the help.</summary>
    public const string Forms = "an archive as docker, podman, skopeo, buildah or nixpkgs write it, compressed or not, or an OCI layout, a directory or in a tar; " +
        "also as docker-archive:PATH[:NAME:TAG], oci-archive:PATH[:TAG] or oci:DIRECTORY[:TAG]; or docker://NAME[:TAG|@DIGEST] of a registry. The tar of a root file system is an image of one layer (rootfs:PATH where its content does not tell). - reads an archive from stdin.";

    private readonly Option<string?> _from = new("--from")
    {
        Description = $"The base image: {Forms} scratch is no base.",
        HelpName = "IMAGE",
    };
    private readonly Argument<string?> _image = new("IMAGE") { Description = $"The image: {Forms}", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _name = new Option<string?>("--from-name")
    {
        Description = "Which image of the archive or layout: its name, exactly as it is there.",
        HelpName = "NAME"
    }.Sets(ImageSetting.Name);
    private readonly Option<string?> _tag = new Option<string?>("--from-tag")
    {
        Description = "Which image of the archive or layout: its tag.",
        HelpName = "TAG"
    }.Sets(ImageSetting.Tag);
    private readonly PlatformOption _platform = new();
    private readonly RegistryGroup _registry = new();

    /// <summary>Adds the options to a verb that may have a base image.</summary>
    public void AddTo(Command command)
    {
        AddOptions(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_from) is null && (result.GetValue(_name) ?? result.GetValue(_tag)) is not null)
                result.AddError("--from-name and --from-tag choose an image of what --from names: give --from too.");
        });
    }

    /// <summary>Adds them to a verb that reads one image, which then may also be the verb's argument.</summary>
    public void AddRequiredTo(Command command)
    {
        command.Add(_image);
        _from.Description = "The same, as an option.";
        AddOptions(command);
        command.Validators.Add(result =>
        {
            var isTwice = result.GetValue(_image) is not null && result.GetValue(_from) is not null;
            if (isTwice) result.AddError("The image is named twice: as an argument, and by --from.");
            else if ((result.GetValue(_image) ?? result.GetValue(_from)) is null) result.AddError("Name the image: an archive or a layout, or - for stdin.");
        });
    }

    /// <summary>The base image; where the command line names none, that of <paramref name="spec"/>.</summary>
    /// <exception cref="InputException">It names a transport in a way that is not supported.</exception>
    /// <exception cref="UsageException">A platform is chosen, and there is no base image.</exception>
    public BaseImageChoice? Read(ParseResult parsed, ImageSpec? spec = null)
    {
        var platform = _platform.Read(parsed);
        if (parsed.GetValue(_from) is { } image) return image == ScratchLocation.Word ? Nothing(parsed) : Choice(image, parsed);
        if (spec?.FromImage is ScratchLocation.Word) return Nothing(parsed);
        if (spec?.FromImage is { } named) return BaseImageChoice.Parse(named, spec.FromImageName, spec.FromImageTag, platform, _registry.Read(parsed, named));
        return platform is null ? null : throw new UsageException("--platform chooses among the variants of the base image: give --from too.");
    }

    /// <exception cref="InputException">It names a transport in a way that is not supported.</exception>
    public BaseImageChoice ReadRequired(ParseResult parsed) => Choice((parsed.GetValue(_image) ?? parsed.GetValue(_from))!, parsed);

    // As in a Dockerfile.
    private BaseImageChoice? Nothing(ParseResult parsed)
    {
        if ((parsed.GetValue(_name) ?? parsed.GetValue(_tag)) is not null) throw new UsageException("scratch is empty: leave --from-name and --from-tag out.");
        return _platform.Read(parsed) is null ? null : throw new UsageException("scratch is for no platform: give --arch instead of --platform.");
    }

    private BaseImageChoice Choice(string image, ParseResult parsed) =>
        BaseImageChoice.Parse(image, parsed.GetValue(_name), parsed.GetValue(_tag), _platform.Read(parsed), _registry.Read(parsed, image));

    private void AddOptions(Command command)
    {
        foreach (var option in new Option[] { _from, _name, _tag }) command.Add(option);
        _platform.AddTo(command);
        _registry.AddTo(command);
    }

    /// <summary>How to get at registries: that of the base image, and that of <paramref name="other"/>.</summary>
    /// <exception cref="UsageException">An option could mean several registries.</exception>
    public RegistryOptions Registries(ParseResult parsed, ImageSpec spec, string other) =>
        _registry.Read(parsed, parsed.GetValue(_from) ?? spec.FromImage ?? "", other);

    /// <summary>Whether the image is read from stdin.</summary>
    public bool ReadsStandardInput(ParseResult parsed) => parsed.GetValue(_from) == "-";
}
