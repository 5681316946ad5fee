using System.CommandLine;
using OverlayImg.Builders.LayeredImages;
using OverlayImg.Builders.NewImages;
using OverlayImg.Builders.NewImages.Specs;
using OverlayImg.Closures;
using OverlayImg.Closures.Layering;
using OverlayImg.FileSystems;

namespace OverlayImg.Cli.Options;

/// <summary>What an image of many layers is built from.</summary>
internal sealed class LayeredImageGroup
{
    private const int MostLayers = 10_000;

    private readonly bool _streams;
    private readonly ImageOutputGroup _output = new(withDockerTools: true);
    private readonly NewImageGroup _image = new(SpecKind.LayeredImage,
        new("A directory or tarball whose inside goes to the root of the customisation layer. Of a directory in the store each file becomes a " +
            "link to it there, as nixpkgs' symlinkJoin makes them; files from anywhere else go there themselves. Repeatable: later ones win."),
        "on a copy of the contents, as you.",
        "The store paths of the image: Nix's exportReferencesGraph, closureInfo's registration, nix path-info --json --recursive, or a list. " +
        "[default: what contents, config and the results of scripts refer to, found by scanning]");
    private readonly OwnerGroup _owner = new("the store paths and of what the contents add; directories of the base image keep theirs");
    private readonly GuestGroup _guest = new(buildsImage: true);
    private readonly Option<string?> _uname = new("--uname") { Description = "Name of the owner of the store paths. [default: root]", HelpName = "NAME" };
    private readonly Option<string?> _gname = new("--gname") { Description = "Name of the group of the store paths. [default: root]", HelpName = "NAME" };
    private readonly Option<string?> _fileTime = new("--mtime")
    {
        Description = "The time of every file in new layers: now, or a time of ISO 8601. [default: $SOURCE_DATE_EPOCH, or one second after 1970]",
        HelpName = "TIME",
    };

    private readonly Option<int> _maxLayers = Values.Count("--max-layers", 100, MostLayers,
        "How many layers the image may have, those of the base image and the customisation layer included.").Sets(ClosureSetting.MaxLayers);
    private readonly Option<string?> _layering = new Option<string?>("--layering")
    {
        Description = "How files are divided into layers. auto: the largest store paths in layers of their own, with what only they need, as nixpkgs does " +
            "today. popularity: the store paths that most others need in layers of their own and the rest in one, as nixpkgs did before. one-per-path. " +
            "dpkg: a layer for each Debian package of the contents, which are a root file system. [default: auto]",
        HelpName = "auto|popularity|one-per-path|dpkg",
    }.Sets(ClosureSetting.Layering);

    private readonly Option<string?> _fakeRootCommands = ScriptOption.Create("--fake-root-commands",
        "A bash script to run as root behind the extra commands, in a guest that has the customisation layer alone as root directory and current directory: " +
        "owners, devices and capabilities are real.");
    private readonly Option<bool> _noStorePaths = new("--no-store-paths")
    {
        Description = "Leave the store paths out: the store is to be mounted when a container runs.",
    };

    /// <summary>Makes the options.</summary>
    /// <param name="streams">Whether the archive always goes to stdout.</param>
    public LayeredImageGroup(bool streams)
    {
        _streams = streams;
        _layering.AcceptOnlyFromAmong("auto", "popularity", "one-per-path", "dpkg");
    }

    /// <summary>The options that say where the archive goes.</summary>
    public ImageOutputGroup Output => _output;

    /// <summary>Adds the options; no output is needed with <paramref name="schema"/>.</summary>
    public void AddTo(Command command, Option<bool> schema)
    {
        if (_streams) _output.AddStreamTo(command);
        else _output.AddTo(command, unless: schema);
        _image.AddTo(command, _maxLayers, _layering, _noStorePaths);
        _owner.AddTo(command);
        foreach (var option in new Option[] { _uname, _gname, _fileTime, _fakeRootCommands }) command.Add(option);
        _guest.AddTo(command);
    }

    /// <summary>The build that command line and spec ask for.</summary>
    /// <exception cref="UsageException">Something is missing, or makes no sense.</exception>
    /// <exception cref="InputException">A file can't be read, or is not what it should be.</exception>
    public async Task<LayeredImageOptions> ReadAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        _image.RequireOneReaderOfStdin(parsed, _fakeRootCommands);
        var spec = await _image.SpecAsync(parsed, cancellationToken);
        var output = _image.Output(parsed, spec, _output);
        var (name, tag) = _image.Naming(parsed, spec, output);
        var (uid, gid) = _owner.Read(parsed);
        (uid, gid) = (uid ?? spec.Uid, gid ?? spec.Gid);
        var options = await _image.CompleteAsync(
            new LayeredImageOptions
            {
                Output = output,
                Name = name,
                Tag = tag,
                MaxLayers = parsed.IsGiven(_maxLayers) ? parsed.GetValue(_maxLayers) : spec.MaxLayers ?? 100,
                Layering = Layering(parsed) ?? spec.Layering ?? LayeringStrategy.Auto,
                IncludeStorePaths = !parsed.GetValue(_noStorePaths) && (spec.IncludeStorePaths ?? true),
                StoreOwner = new(
                    uid ?? 0, gid ?? 0,
                    Owner(parsed, _uname) ?? spec.Uname ?? StoreOwner.Root.Uname, Owner(parsed, _gname) ?? spec.Gname ?? StoreOwner.Root.Gname),
                CreatedBy = $"overlayimg {parsed.CommandResult.Command.Name}",
                Guest = _guest.Read(parsed, spec, _image.Variables(parsed)),
                FileTime = FileTime(parsed) ?? spec.FileTime ?? SourceDateEpoch.Read(),
            }, parsed, spec, cancellationToken);
        // dockerTools' uid and gid are for the store paths alone.
        if (options.Dialect.KeepsOwners) options = options with { Uid = uid, Gid = gid };
        options = options with { FakeRootCommands = await parsed.ReadAsync(_fakeRootCommands, cancellationToken) ?? spec.FakeRootCommands };
        if (options.FakeRootCommands is null && _guest.AnyGiven(parsed) is { } guest)
            throw new UsageException($"{guest} is for a guest, and without --fake-root-commands there is none.");
        if (options.FakeRootCommands is not null) GuestGroup.RequirePassable(options.Guest);
        if (options.Guest.Reuse) throw new UsageException("--reuse is for --run-as-root: what --fake-root-commands did is not kept.");
        if (options is { Layering: LayeringStrategy.Dpkg, ClosureFile: not null })
            throw new UsageException("--layering dpkg divides the packages of a root file system, and --closure names store paths: give one of them.");
        if (options is { Layering: LayeringStrategy.Dpkg, NixDatabase: true })
            throw new UsageException("--layering dpkg divides the packages of a root file system, and --nix-db registers store paths: give one of them.");
        return options;
    }

    private LayeringStrategy? Layering(ParseResult parsed) => parsed.GetValue(_layering) switch
    {
        "auto" => LayeringStrategy.Auto,
        "popularity" => LayeringStrategy.Popularity,
        "one-per-path" => LayeringStrategy.OnePerPath,
        "dpkg" => LayeringStrategy.Dpkg,
        _ => null,
    };

    private Timestamp? FileTime(ParseResult parsed) => parsed.GetValue(_fileTime) is not { } text ? null
        : CreationTime.ParseFileTime(text)
            ?? throw new UsageException($"'{text}' is not what --mtime takes: give now, or a time such as 2026-01-31T12:00:00Z.");

    private static string? Owner(ParseResult parsed, Option<string?> option) => parsed.GetValue(option) is not { } name ? null
        : name.Contains('\0', StringComparison.Ordinal) ? throw new UsageException($"{option.Name} can't have a NUL.") : name;
}
