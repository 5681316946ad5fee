using System.CommandLine;
using OverlayImg.Closures;
using OverlayImg.FileSystems.Exclusions;
using OverlayImg.Layers;
using OverlayImg.Layers.Contents;

namespace OverlayImg.Cli.Options;

/// <summary>Files of the host that go to the layer.</summary>
internal sealed class ContentsGroup
{
    private readonly Option<string[]> _contents;

    private readonly Option<bool> _keepDirlinks = new Option<bool>("--keep-contents-dirlinks")
    {
        Description = "Keep symbolic links to directories as links: the default, but not with --spec or --format dockertools."
    }.Sets(LayerSetting.KeepDirlinks);
    private readonly Option<bool> _followDirlinks = new("--follow-contents-dirlinks")
    {
        Description = "Copy the directory that a symbolic link leads to in the place of the link: the default with --spec or --format dockertools."
    };
    private readonly Option<string[]> _exclude = new Option<string[]>("--exclude")
    {
        Description = "Files that are left out of the contents, as a pattern of a .dockerignore file. Repeatable: a later pattern wins, and ! in front of a pattern " +
            "takes files in again.",
        HelpName = "PATTERN",
        DefaultValueFactory = _ => [],
    };
    private readonly Option<string?> _ignoreFile = new Option<string?>("--ignore-file")
    {
        Description = "A file with such patterns, one in each line. [default: .containerignore or .dockerignore in each directory of the contents, but not with " +
            "--spec or --format dockertools]",
        HelpName = "FILE",
    }.Sets(LayerSetting.IgnoreFile);
    private readonly Option<string> _storeDirectory = new Option<string>("--store-dir")
    {
        Description = "The store: paths in it that contents or config name belong to the image, and links that lead into it may become directories.",
        HelpName = "DIR",
        DefaultValueFactory = _ => "/nix/store"
    }.Sets(ClosureSetting.StoreDirectory);

    /// <summary>Makes the options.</summary>
    /// <param name="description">What becomes of contents.</param>
    public ContentsGroup(string description = "A directory or tarball whose inside goes to the layer's root. " +
        "Files of a tarball keep their owners, those of a directory belong to root. Repeatable: later ones win.") =>
        _contents = new Option<string[]>("--contents") { Description = description, HelpName = "PATH", DefaultValueFactory = _ => [] }
            .Sets(LayerSetting.Contents);

    public void AddTo(Command command)
    {
        command.Add(_contents);
        command.Add(_exclude);
        command.Add(_ignoreFile);
        command.Add(_keepDirlinks);
        command.Add(_followDirlinks);
        command.Add(_storeDirectory);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_keepDirlinks) && result.GetValue(_followDirlinks))
                result.AddError($"{_keepDirlinks.Name} and {_followDirlinks.Name} exclude each other.");
        });
    }

    /// <summary>Whether the command line writes out that symbolic links to directories become directories.</summary>
    public bool FollowsDirlinks(ParseResult parsed) => parsed.GetValue(_followDirlinks);

    public LayerContents Read(ParseResult parsed) => Read(parsed, LayerContents.None);

    /// <summary>As the other one, but what the command line does not say is as <paramref name="otherwise"/> has it.</summary>
    public LayerContents Read(ParseResult parsed, LayerContents otherwise) => new(
        parsed.IsGiven(_contents) ? parsed.GetValue(_contents)! : otherwise.Paths,
        parsed.GetValue(_followDirlinks) ? false : parsed.IsGiven(_keepDirlinks) ? parsed.GetValue(_keepDirlinks) : otherwise.KeepDirlinks,
        parsed.IsGiven(_storeDirectory) ? parsed.GetValue(_storeDirectory)! : otherwise.StoreDirectory)
    {
        Exclusions = parsed.GetValue(_exclude) is { Length: > 0 } patterns ? Values.Understood(() => ExclusionList.Of(patterns)) : null,
        IgnoreFile = parsed.GetValue(_ignoreFile),
    };
}
