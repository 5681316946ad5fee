using System.CommandLine;
using OverlayImg.Builders.LayeredImages.StreamConfs;
using OverlayImg.Cli.Completion;
using OverlayImg.Images.Outputs;

namespace OverlayImg.Cli.Options;

/// <summary><c>--conf</c>: the input file of nixpkgs' stream script, which replaces all options for the image.</summary>
/// <param name="output">The options for the destination of the archive.</param>
/// <param name="reporting">Options that may be combined with <c>--conf</c>, because they do not change the image.</param>
internal sealed class StreamConfGroup(ImageOutputGroup output, params Option[] reporting)
{
    private readonly Option<string?> _conf = new Option<string?>("--conf")
    {
        Description = "For Nix: the JSON file that nixpkgs' streamLayeredImage passes to its script; - reads it from stdin. The archive " +
            "has the same bytes. The file describes the whole image, so other options for the image are refused.",
        HelpName = "FILE",
    }.CompletesFiles();

    private readonly Option<string?> _repoTag = new("--repo-tag", "-t")
    {
        Description = "Name and tag of the image, which replace those of the --conf file.",
        HelpName = "NAME:TAG",
    };

    public void AddTo(Command command)
    {
        command.Add(OptionSection.Nix, _conf, _repoTag);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_repoTag) is not null && result.GetValue(_conf) is null)
                result.AddError("--repo-tag is for --conf: give --name and --tag instead.");
        });
    }

    /// <summary>The image of <c>--conf</c>; null if the option is not given.</summary>
    /// <exception cref="UsageException">Another option describes the image, or the output is no archive.</exception>
    public StreamConfOptions? Read(ParseResult parsed)
    {
        if (parsed.GetValue(_conf) is not { } conf) return null;
        Option[] allowed = [_conf, _repoTag, .. output.Destination, .. reporting];
        var others = parsed.CommandResult.Command.Options.Where(option => !allowed.Contains(option) && !option.Recursive);
        if (others.FirstOrDefault(parsed.IsGiven) is { } other)
            throw new UsageException($"{other.Name} contradicts --conf, whose file describes the whole image: give one of the two.");
        return new()
        {
            Conf = conf,
            RepoTag = parsed.GetValue(_repoTag),
            Destination = output.Read(parsed, new()) is ArchiveOutput archive ? archive.Destination
                : throw new UsageException("--conf writes an archive, as the script does: name a file with -o."),
        };
    }
}
