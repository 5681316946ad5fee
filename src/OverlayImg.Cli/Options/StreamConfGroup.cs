using System.CommandLine;
using OverlayImg.Builders.LayeredImages.StreamConfs;
using OverlayImg.Images.Outputs;

namespace OverlayImg.Cli.Options;

/// <summary>The stream script's own input, in the place of all other options.</summary>
/// <param name="output">Where the archive goes.</param>
/// <param name="reporting">Options that change nothing of the image.</param>
internal sealed class StreamConfGroup(ImageOutputGroup output, params Option[] reporting)
{
    private readonly Option<string?> _conf = new("--conf")
    {
        Description = "The JSON file that nixpkgs' stream_layered_image.py takes, in the place of all other options: writes the archive that the script " +
            "writes. - reads it from stdin.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _repoTag = new("--repo-tag", "-t") { Description = "With --conf: another name and tag.", HelpName = "NAME:TAG" };

    public void AddTo(Command command)
    {
        command.Add(_conf);
        command.Add(_repoTag);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_repoTag) is not null && result.GetValue(_conf) is null)
                result.AddError("--repo-tag is for --conf: give --name and --tag.");
        });
    }

    /// <summary>The image that it asks for; null where it is not given.</summary>
    /// <exception cref="UsageException">There are options that it says itself, or a layout would be written.</exception>
    public StreamConfOptions? Read(ParseResult parsed)
    {
        if (parsed.GetValue(_conf) is not { } conf) return null;
        Option[] allowed = [_conf, _repoTag, .. output.Destination, .. reporting];
        if (parsed.CommandResult.Command.Options.FirstOrDefault(option => !allowed.Contains(option) && !option.Recursive && parsed.IsGiven(option)) is { } other)
            throw new UsageException($"{other.Name} is said by --conf already.");
        return new()
        {
            Conf = conf,
            RepoTag = parsed.GetValue(_repoTag),
            Destination = output.Read(parsed, new()) is ArchiveOutput archive ? archive.Destination
                : throw new UsageException("--conf writes the archive that the script writes: name a file."),
        };
    }
}
