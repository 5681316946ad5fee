using System.CommandLine;
using OverlayImg.Builders;
using OverlayImg.Images;

namespace OverlayImg.Cli.Options;

/// <summary>What an image is built from; a spec says it too, and options win over it.</summary>
internal sealed class ImageBuildGroup
{
    private readonly ImageOutputGroup _output = new(withDockerTools: true);
    private readonly BaseImageGroup _from = new();
    private readonly ContentsGroup _contents = new();
    private readonly ReadyContentsGroup _ready = new();
    private readonly OwnerGroup _owner = new();
    private readonly XattrsGroup _xattrs = new();
    private readonly ContainerConfigGroup _config = new();
    private readonly GuestGroup _guest = new();
    private readonly CheckOption _check = new();
    private readonly Option<string?> _name = new("--name")
    {
        Description = "Name of the image, such as app, team/app or registry:5000/team/app; it becomes lower case.",
        HelpName = "NAME",
    };

    private readonly Option<string?> _tag = new("--tag")
    {
        Description = "Tag of the image. [default: 32 digits of the image ID, a hash of the config and so of all layers: equal images, equal tags]",
        HelpName = "TAG",
    };

    private readonly Option<string?> _created = new("--created")
    {
        Description = "When the image says that it was made: now, or a time of ISO 8601, in UTC where it names no zone. " +
            $"[default: {CreationTime.Default}]",
        HelpName = "TIME",
    };

    private readonly Option<string?> _architecture = new("--arch")
    {
        Description = "Architecture of the image in Go's words (amd64, arm64, ...). [default: the base image's, else this machine's]",
        HelpName = "ARCH",
    };

    private readonly Option<string?> _runAsRoot = ScriptOption.Create("--run-as-root",
        "A bash script to run as root in the image's file system, in a guest, by bash -e; - reads it from stdin. What it changed is the new layer.");
    private readonly Option<bool> _shadowSetup = new("--shadow-setup")
    {
        Description = "In the guest, make /etc/passwd and what belongs to it where the image has none, so that useradd works.",
    };

    private readonly Option<string?> _extraCommands = ScriptOption.Create("--extra-commands",
        "A bash script to run before the layer is packed, with its root as current directory: on a copy of the contents, as you, " +
        "or in the guest with --run-as-root.");
    private readonly Option<string?> _closure = new("--closure")
    {
        Description = "Store paths that go to the new layer at the same paths, owned by root, unless the base image has them there: " +
            "exportReferencesGraph, closureInfo's registration, nix path-info --json --recursive, or one path per line.",
        HelpName = "FILE",
    };

    private readonly Option<bool> _nixDatabase = new("--nix-db")
    {
        Description = "Put a Nix database into the layer that knows the closure: that of --closure, or of the contents that lie in the store.",
    };

    private readonly Option<string?> _spec = new("--spec")
    {
        Description = "All of this as JSON with the attribute names of dockerTools.buildImage; - reads it from stdin. Options win over it; " +
            "paths in it are relative to it.",
        HelpName = "FILE",
    };

    /// <summary>Adds the options; no output is needed with <paramref name="schema"/>.</summary>
    public void AddTo(Command command, Option<bool> schema)
    {
        _output.AddTo(command, unless: schema);
        foreach (var option in new Option[] { _name, _tag, _spec }) command.Add(option);
        _from.AddTo(command);
        _contents.AddTo(command);
        command.Add(_closure);
        command.Add(_nixDatabase);
        _ready.AddTo(command);
        _owner.AddTo(command);
        command.Add(_extraCommands);
        _xattrs.AddTo(command);
        _config.AddTo(command);
        foreach (var option in new Option[] { _created, _architecture, _runAsRoot, _shadowSetup }) command.Add(option);
        _guest.AddTo(command);
        _check.AddTo(command);
    }

    /// <summary>The build that command line and spec ask for.</summary>
    /// <exception cref="UsageException">Something is missing, or makes no sense.</exception>
    /// <exception cref="InputException">A file can't be read, or is not what it should be.</exception>
    public async Task<ImageBuildOptions> ReadAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        RequireOneReaderOfStdin(parsed);
        var spec = parsed.GetValue(_spec) is { } path ? await ImageSpecFile.ReadAsync(path, cancellationToken) : ImageSpec.Empty;
        var name = parsed.GetValue(_name)?.ToLowerInvariant() ?? spec.Name ?? throw new UsageException("The image needs a name: give --name NAME.");
        var tag = parsed.GetValue(_tag) ?? spec.Tag;
        if (ImageNaming.ProblemWith(name, tag) is { } problem) throw new UsageException(problem);
        var (uid, gid) = _owner.Read(parsed, spec.Uid ?? 0, spec.Gid ?? 0);
        var options = new ImageBuildOptions
        {
            Output = _output.Read(parsed, spec.Compressor ?? CompressionFormat.None),
            Name = name,
            Tag = tag,
            From = _from.Read(parsed) ?? (spec.FromImage is { } image ? BaseImageChoice.Parse(image, spec.FromImageName, spec.FromImageTag) : null),
            InheritConfig = _config.Inherits(parsed) ?? spec.InheritConfig ?? false,
            Created = Created(parsed) ?? spec.Created ?? CreationTime.Default,
            Architecture = Architecture(parsed) ?? spec.Architecture,
            Contents = _contents.Read(parsed, ContentsOf(spec)),
            Ready = _ready.Read(parsed),
            Uid = uid,
            Gid = gid,
            ShadowSetup = parsed.GetValue(_shadowSetup),
            Guest = _guest.Read(parsed, spec),
            ClosureFile = parsed.GetValue(_closure) ?? spec.Closure,
            NixDatabase = parsed.GetValue(_nixDatabase) || spec.IncludeNixDatabase == true,
            KeepExtendedAttributes = _xattrs.Read(parsed),
            FileTime = SourceDateEpoch.Read(),
            CacheDirectory = CommonOptions.CacheDirectoryOf(parsed),
            CacheLimit = CommonOptions.CacheLimitOf(parsed),
        };
        options = options with
        {
            Check = _check.Read(parsed, options.From?.Path, options.Guest),
            RunAsRoot = await parsed.ReadAsync(_runAsRoot, cancellationToken) ?? spec.RunAsRoot,
            ExtraCommands = await parsed.ReadAsync(_extraCommands, cancellationToken) ?? spec.ExtraCommands,
            Config = await _config.ReadAsync(parsed, spec.Config, cancellationToken),
        };
        if (!options.RunsGuest && _guest.AnyGiven(parsed) is { } guest)
            throw new UsageException($"{guest} is for a guest, and without --run-as-root there is none.");
        return options;
    }

    private void RequireOneReaderOfStdin(ParseResult parsed)
    {
        Option<string?>[] readers = [_spec, _runAsRoot, _extraCommands];
        if (readers.Count(reader => parsed.GetValue(reader) == "-") + (_from.ReadsStandardInput(parsed) ? 1 : 0) > 1)
            throw new UsageException("Stdin can be read once only: - stands there more than once.");
    }

    private static LayerContents ContentsOf(ImageSpec spec) => new(
        spec.Contents ?? [], spec.KeepContentsDirlinks ?? false, spec.StoreDirectory ?? LayerContents.None.StoreDirectory);

    private string? Created(ParseResult parsed) => parsed.GetValue(_created) is not { } text ? null
        : CreationTime.Parse(text)
            ?? throw new UsageException($"'{text}' is not what --created takes: give now, or a time such as 2026-01-31T12:00:00Z.");

    private string? Architecture(ParseResult parsed) => parsed.GetValue(_architecture) is not { } text ? null
        : text.Length > 0 && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c)) ? text
        : throw new UsageException($"'{text}' is not what --arch takes: give an architecture in Go's words, such as amd64 or arm64.");
}
