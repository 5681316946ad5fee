using System.CommandLine;
using OverlayImg.Builders.LayeredImages;
using OverlayImg.Builders.NewImages;
using OverlayImg.Builders.NewImages.Specs;
using OverlayImg.Closures;
using OverlayImg.Closures.Layering;
using OverlayImg.FileSystems;

namespace OverlayImg.Cli.Options;

/// <summary>The options of <c>build-layered</c> and <c>stream-layered</c>, which build an image with many layers.</summary>
internal sealed class LayeredImageGroup
{
    private const int MostLayers = 10_000;

    private readonly bool _streams;
    private readonly ImageOutputGroup _output = new(withDockerTools: true);
    private readonly NewImageGroup _image = new(SpecKind.LayeredImage,
        new("Directory or tarball whose files go to the root of the customisation layer, the top layer. For a directory in the Nix store, each " +
            "file becomes a symbolic link into the store, as with nixpkgs' symlinkJoin; other files are copied. Repeatable: later ones win."),
        "It runs on the host as the current user, on a copy of the contents.",
        "For Nix: file that lists the store paths of the image, dependencies included. Forms of the file: exportReferencesGraph, " +
        "closureInfo's registration, nix path-info --json --recursive, or one path per line. " +
        "[default: the store paths that contents, config and script results refer to, found by scanning]");
    private readonly OwnerGroup _owner = new("the Nix store paths and of the files that the contents add");
    private readonly GuestGroup _guest = new(buildsImage: true);
    private readonly Option<string?> _uname = new("--uname")
    {
        Description = "Name of the user that owns the files of the Nix store paths. [default: root]",
        HelpName = "NAME",
    };

    private readonly Option<string?> _gname = new("--gname")
    {
        Description = "Name of the group that owns the files of the Nix store paths. [default: root]",
        HelpName = "NAME",
    };

    private readonly Option<string?> _fileTime = new("--mtime")
    {
        Description = "Modification time of every file in new layers: now, or a time in ISO 8601. " +
            "[default: $SOURCE_DATE_EPOCH, else 1970-01-01T00:00:01Z]",
        HelpName = "TIME",
    };

    private readonly Option<int> _maxLayers = Values.Count("--max-layers", 100, MostLayers,
        "Largest number of layers of the image, including the layers of the base image and the customisation layer " +
        "(the top layer).").Sets(ClosureSetting.MaxLayers);
    private readonly Option<string?> _layering = new Option<string?>("--layering")
    {
        Description = "How files are divided into layers. dpkg: each Debian package gets a layer; the contents must be a root file system " +
            "of Debian or a relative. For Nix packages: auto: the largest packages get layers of their own, together with packages that only they " +
            "need, as in today's nixpkgs. popularity: the packages that most others need get layers of their own, and the rest share one, " +
            "as in older nixpkgs. one-per-path: each package gets a layer. [default: auto]",
        HelpName = "auto|popularity|one-per-path|dpkg",
    }.Sets(ClosureSetting.Layering);

    private readonly Option<string?> _fakeRootCommands = ScriptOption.Create("--fake-root-commands",
        "Bash script to run as root in a guest VM after --extra-commands; - reads it from stdin. The customisation layer (the top layer) alone is " +
        "its root directory and its current directory. The layer keeps the owners, devices and capabilities that it sets.");
    private readonly Option<bool> _noStorePaths = new("--no-store-paths")
    {
        Description = "For Nix: leave the packages of the Nix store out of the image. The store must then be mounted when a container runs.",
    };

    /// <param name="streams">Whether the verb always writes the archive to stdout.</param>
    public LayeredImageGroup(bool streams)
    {
        _streams = streams;
        _layering.AcceptOnly("auto", "popularity", "one-per-path", "dpkg");
    }

    /// <summary>The options for the destination of the archive.</summary>
    public ImageOutputGroup Output => _output;

    /// <summary>Adds the options. The output is not required with <paramref name="schema"/>.</summary>
    public void AddTo(Command command, Option<bool> schema)
    {
        if (_streams) _output.AddStreamTo(command);
        else _output.AddTo(command, unless: schema);
        command.Add(OptionSection.Main, _layering);
        command.Add(OptionSection.Output, _maxLayers);
        _image.AddTo(command);
        command.Add(OptionSection.Nix, _noStorePaths);
        _owner.AddTo(command);
        command.Add(OptionSection.Scripts, _fakeRootCommands);
        command.Add(OptionSection.Output, _fileTime);
        command.Add(OptionSection.Nix, _uname, _gname);
        _guest.AddTo(command);
    }

    /// <summary>The options of the build, from the command line and the spec.</summary>
    /// <exception cref="UsageException">An option is missing, is wrong, or contradicts another one.</exception>
    /// <exception cref="InputException">A file of an option can't be read, or has the wrong format.</exception>
    public async Task<LayeredImageOptions> ReadAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        _image.RequireOneReaderOfStdin(
            parsed, [parsed.GetValue(_fakeRootCommands) == InputFile.StandardInput, .. _guest.ReadsStandardInput(parsed)]);
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
        // In dockerTools, uid and gid set the owner of the store paths only.
        if (options.Dialect.KeepsOwners) options = options with { Uid = uid, Gid = gid };
        var runsGuest = parsed.GetValue(_fakeRootCommands) is not null || spec.FakeRootCommands is not null;
        if (runsGuest) GuestGroup.RequirePassable(options.Guest);
        else if (_guest.AnyGiven(parsed) is { } guest)
        {
            throw new UsageException($"{guest} is for the guest VM, which runs only with --fake-root-commands: " +
                $"give that option, or leave {guest} out.");
        }

        if (options.Guest.Reuse)
            throw new UsageException("--reuse works only with --run-as-root: results of --fake-root-commands are not kept. Leave --reuse out.");
        if (options is { Layering: LayeringStrategy.Dpkg, ClosureFile: not null })
            throw new UsageException("--layering dpkg divides the packages of a root file system, and --closure names store paths: " +
                "give one of them.");
        if (options is { Layering: LayeringStrategy.Dpkg, NixDatabase: true })
            throw new UsageException("--layering dpkg divides the packages of a root file system, and --nix-db registers store paths: " +
                "give one of them.");
        return options with
        {
            Guest = await _guest.WithSecretsAsync(options.Guest, parsed, cancellationToken),
            FakeRootCommands = await parsed.ReadAsync(_fakeRootCommands, cancellationToken) ?? spec.FakeRootCommands,
        };
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
        : name.Contains('\0', StringComparison.Ordinal) ? throw new UsageException($"{option.Name} can't contain a NUL character.") : name;
}
