using System.CommandLine;
using OverlayImg.Builders;

namespace OverlayImg.Cli.Options;

/// <summary>Which image a verb builds on.</summary>
internal sealed class BaseImageGroup
{
    private readonly Option<string?> _from = new("--from")
    {
        Description = "The base image: an archive as docker, podman, skopeo, buildah or nixpkgs write it, compressed or not; - reads it from stdin.",
        HelpName = "IMAGE",
    };

    private readonly Option<string?> _name = new("--from-name")
    {
        Description = "Which image of the archive: its name, exactly as in the archive.",
        HelpName = "NAME"
    };
    private readonly Option<string?> _tag = new("--from-tag") { Description = "Which image of the archive: its tag.", HelpName = "TAG" };

    public void AddTo(Command command)
    {
        command.Add(_from);
        command.Add(_name);
        command.Add(_tag);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_from) is null && (result.GetValue(_name) ?? result.GetValue(_tag)) is not null)
                result.AddError("--from-name and --from-tag choose an image of the archive that --from names: give --from too.");
        });
    }

    /// <exception cref="InputException">It names a transport in a way that is not supported.</exception>
    public BaseImageChoice? Read(ParseResult parsed) =>
        parsed.GetValue(_from) is { } image ? BaseImageChoice.Parse(image, parsed.GetValue(_name), parsed.GetValue(_tag)) : null;
}
