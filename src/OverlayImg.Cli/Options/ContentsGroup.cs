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

    private readonly Option<ContentsSource[]> _copy = Values.Repeatable(
        "--copy", "SRC:DST[:OWNER[:GROUP]]",
        "Copy a file, or the inside of a directory, to DST, as COPY of a Dockerfile does; a tarball is copied as a file. DST that ends with / " +
        "is a directory; a relative DST starts at the working directory of the image. OWNER and GROUP are numbers, or names in the image's /etc/passwd " +
        "and /etc/group; without GROUP, a name has its primary group and a number the group of the same number. [default: --uid and --gid, else " +
        "root] Write \\: for a colon in a name. Later ones of --contents and --copy win.", CopyTarget.Form, CopyTarget.Parse)
        .CompletesFiles().Sets(LayerSetting.Copies);

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
        command.Add(OptionSection.Main, _contents, _copy);
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
        Sources(parsed, otherwise),
        parsed.GetValue(_followDirlinks) ? false : parsed.IsGiven(_keepDirlinks) ? parsed.GetValue(_keepDirlinks) : otherwise.KeepDirlinks,
        parsed.IsGiven(_storeDirectory) ? parsed.GetValue(_storeDirectory)! : otherwise.StoreDirectory)
    {
        Exclusions = Exclusions(parsed),
        ReplacesIgnoreFiles = parsed.GetValue(_ignoreFile) is not null,
    };

    /// <summary>Whether the ignore file is read from stdin.</summary>
    public bool ReadsStandardInput(ParseResult parsed) => parsed.GetValue(_ignoreFile) == InputFile.StandardInput;

    // Contents of a spec come before its copies. An option replaces only the sources of its own kind.
    private List<ContentsSource> Sources(ParseResult parsed, LayerContents otherwise)
    {
        if (parsed.IsGiven(_contents) && parsed.IsGiven(_copy)) return Interleaved(parsed);
        return
        [
            .. parsed.IsGiven(_contents) ? parsed.GetValue(_contents)!.Select(ContentsSource.FromString)
                : otherwise.Sources.Where(source => source.Copy is null),
            .. parsed.IsGiven(_copy) ? parsed.GetValue(_copy)! : otherwise.Sources.Where(source => source.Copy is not null),
        ];
    }

    private List<ContentsSource> Interleaved(ParseResult parsed)
    {
        var contents = new Queue<string>(parsed.GetValue(_contents)!);
        var copies = new Queue<ContentsSource>(parsed.GetValue(_copy)!);
        return [.. parsed.InOrder(_contents, _copy).Select(option => option == _copy ? copies.Dequeue() : contents.Dequeue())];
    }

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
