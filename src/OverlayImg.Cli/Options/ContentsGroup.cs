using System.CommandLine;
using OverlayImg.Cli.Completion;
using OverlayImg.Closures;
using OverlayImg.FileSystems.Exclusions;
using OverlayImg.Layers;
using OverlayImg.Layers.Contents;

namespace OverlayImg.Cli.Options;

/// <summary>The options for files of the host that go to the new layer.</summary>
internal sealed class ContentsGroup
{
    private readonly Option<string[]> _contents;

    private readonly Option<bool> _keepDirlinks = new Option<bool>("--keep-contents-dirlinks")
    {
        Description = "Keep symbolic links to directories in the contents. This is the default, except with --spec or --format dockertools."
    }.Sets(LayerSetting.KeepDirlinks);
    private readonly Option<bool> _followDirlinks = new("--follow-contents-dirlinks")
    {
        Description = "Replace each symbolic link to a directory with a copy of the directory, if the link leads inside the contents or the Nix " +
            "store. This is the default with --spec or --format dockertools."
    };
    private readonly Option<string[]> _exclude = new Option<string[]>("--exclude")
    {
        Description = "Pattern of files that are left out of the contents, in the language of .dockerignore files. Repeatable: a later pattern " +
            "wins, and a pattern that begins with ! includes files again.",
        HelpName = "PATTERN",
        DefaultValueFactory = _ => [],
    };
    private readonly Option<string?> _ignoreFile = new Option<string?>("--ignore-file")
    {
        Description = "File with patterns of files that are left out of the contents, one per line, as .dockerignore has them. " +
            "[default: .containerignore or .dockerignore in each directory of the contents; none with --spec or --format dockertools]",
        HelpName = "FILE",
    }.CompletesFiles().Sets(LayerSetting.IgnoreFile);
    private readonly Option<string> _storeDirectory = new Option<string>("--store-dir")
    {
        Description = "For Nix: directory of the Nix store. The packages in it that the contents or the config refer to are added to the image.",
        HelpName = "DIR",
        DefaultValueFactory = _ => "/nix/store"
    }.CompletesDirectories().Sets(ClosureSetting.StoreDirectory);

    /// <param name="description">What the verb does with contents, for the help.</param>
    public ContentsGroup(string description = "Directory or tarball whose files go to the image's root directory: ./rootfs/bin/app becomes " +
        "/bin/app. Files of a tarball keep their owners; files of a directory belong to root. Repeatable: later ones win.") =>
        _contents = new Option<string[]>("--contents") { Description = description, HelpName = "PATH", DefaultValueFactory = _ => [] }
            .CompletesFiles().Sets(LayerSetting.Contents);

    public void AddTo(Command command)
    {
        command.Add(OptionSection.Main, _contents);
        command.Add(OptionSection.Files, _exclude, _ignoreFile);
        command.Add(OptionSection.Attributes, _keepDirlinks, _followDirlinks);
        command.Add(OptionSection.Nix, _storeDirectory);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_keepDirlinks) && result.GetValue(_followDirlinks))
                result.AddError($"{_keepDirlinks.Name} and {_followDirlinks.Name} exclude each other: give one of the two.");
        });
    }

    /// <summary>Whether <c>--follow-contents-dirlinks</c> is given.</summary>
    public bool FollowsDirlinks(ParseResult parsed) => parsed.GetValue(_followDirlinks);

    public LayerContents Read(ParseResult parsed) => Read(parsed, LayerContents.None);

    /// <summary>The contents of the command line. Options that are not given have the values of <paramref name="otherwise"/>.</summary>
    public LayerContents Read(ParseResult parsed, LayerContents otherwise) => new(
        parsed.IsGiven(_contents) ? parsed.GetValue(_contents)! : otherwise.Paths,
        parsed.GetValue(_followDirlinks) ? false : parsed.IsGiven(_keepDirlinks) ? parsed.GetValue(_keepDirlinks) : otherwise.KeepDirlinks,
        parsed.IsGiven(_storeDirectory) ? parsed.GetValue(_storeDirectory)! : otherwise.StoreDirectory)
    {
        Exclusions = Exclusions(parsed),
        ReplacesIgnoreFiles = parsed.GetValue(_ignoreFile) is not null,
    };

    /// <summary>Whether the ignore file is read from stdin.</summary>
    public bool ReadsStandardInput(ParseResult parsed) => parsed.GetValue(_ignoreFile) == InputFile.StandardInput;

    // The file is read once, also where the contents are read twice, because it may be a pipe.
    private ExclusionList? Exclusions(ParseResult parsed)
    {
        var patterns = parsed.GetValue(_exclude)!;
        var excluded = patterns.Length > 0 ? Values.Understood(() => ExclusionList.Of(patterns)) : null;
        if (parsed.GetValue(_ignoreFile) is not { } file) return excluded;
        var listed = IgnoreFile.Read(file);
        return excluded is null ? listed : listed.Then(excluded);
    }
}
