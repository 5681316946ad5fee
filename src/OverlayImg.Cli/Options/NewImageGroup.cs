using System.CommandLine;
using OverlayImg.Builders.NewImages;
using OverlayImg.Builders.NewImages.Specs;
using OverlayImg.Closures;
using OverlayImg.Images.Archives.Writing;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Outputs;
using OverlayImg.Layers.Contents;
using OverlayImg.Layers.Guests;

namespace OverlayImg.Cli.Options;

/// <summary>What every image that is built has; a spec says it too, and options win over it.</summary>
internal sealed class NewImageGroup
{
    private readonly BaseImageGroup _from = new();
    private readonly ContentsGroup _contents;
    private readonly ReadyContentsGroup _ready = new();
    private readonly XattrsGroup _xattrs = new();
    private readonly MaxSizeOption _maxSize = new();
    private readonly ContainerConfigGroup _config = new();
    private readonly CompressionOption _compression = new(
        "How the layers are compressed, those of the base image too. [default: new layers as the base image's, without one not at all]");
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

    private readonly Option<string?> _variant = new("--variant")
    {
        Description = "Variant of the architecture, such as v7. [default: the base image's, where it has that architecture]",
        HelpName = "VARIANT",
    };

    private readonly AnnotationOption _annotations = new("An annotation of the image's manifest. The base image's name and digest are annotations too, where they are known.");
    private readonly Option<string?> _extraCommands;
    private readonly Option<string?> _closure;
    private readonly Option<bool> _nixDatabase = new Option<bool>("--nix-db")
    {
        Description = "Put a Nix database of the closure into the image, before scripts run: of --closure, or of what is found by scanning.",
    }.Sets(ClosureSetting.NixDatabase);

    private readonly Option<string?> _spec;
    private readonly SpecKind _kind;

    /// <summary>Makes the options.</summary>
    /// <param name="kind">Whose arguments a spec has.</param>
    /// <param name="contents">The files of the image.</param>
    /// <param name="extraCommands">Where the extra commands run, for the help.</param>
    /// <param name="closure">What becomes of the closure, for the help.</param>
    public NewImageGroup(SpecKind kind, ContentsGroup contents, string extraCommands, string closure)
    {
        (_kind, _contents) = (kind, contents);
        _extraCommands = ScriptOption.Create("--extra-commands",
            $"A bash script to run before the layer is packed, with its root as current directory: {extraCommands}");
        _closure = new Option<string?>("--closure") { Description = closure, HelpName = "FILE" }.Sets(ClosureSetting.File);
        var function = kind == SpecKind.Image ? "buildImage" : "buildLayeredImage";
        _spec = new("--spec")
        {
            Description = $"All of this as JSON with the attribute names of dockerTools.{function}; - reads it from stdin. Options win over it; " +
                "paths in it are relative to it.",
            HelpName = "FILE",
        };
    }

    /// <summary>Adds the options, <paramref name="own"/> of the verb among them.</summary>
    public void AddTo(Command command, params Option[] own)
    {
        foreach (var option in new Option[] { _name, _tag, _spec }) command.Add(option);
        _from.AddTo(command);
        _contents.AddTo(command);
        command.Add(_closure);
        command.Add(_nixDatabase);
        _ready.AddTo(command);
        command.Add(_extraCommands);
        _compression.AddTo(command);
        _xattrs.AddTo(command);
        _maxSize.AddTo(command);
        _config.AddTo(command);
        _annotations.AddTo(command);
        foreach (var option in new Option[] { _created, _architecture, _variant }.Concat(own)) command.Add(option);
    }

    /// <summary>The spec; an empty one where there is none.</summary>
    /// <exception cref="InputException">It can't be read, or is not what it should be.</exception>
    public async Task<ImageSpec> SpecAsync(ParseResult parsed, CancellationToken cancellationToken) =>
        parsed.GetValue(_spec) is { } path ? await ImageSpecFile.ReadAsync(path, _kind, cancellationToken) : ImageSpec.Empty;

    /// <summary>The variables of the container that the command line gives, for the scripts.</summary>
    public IReadOnlyList<EnvironmentVariable> Variables(ParseResult parsed) => _config.Variables(parsed);

    /// <summary>Where the image goes.</summary>
    /// <exception cref="UsageException">The options don't go together.</exception>
    public ImageOutput Output(ParseResult parsed, ImageSpec spec, ImageOutputGroup output) => output.Registry(parsed) is { } registry
        ? output.Read(parsed, _from.Registries(parsed, spec, registry), spec.Compressor)
        : output.Read(parsed, compressor: spec.Compressor);

    /// <summary>Name and tag.</summary>
    /// <exception cref="UsageException">There is no name, or one of them can't be.</exception>
    public (string Name, string? Tag) Naming(ParseResult parsed, ImageSpec spec, ImageOutput output)
    {
        if (output is RegistryOutput { Image: var image })
        {
            if (image.Digest is not null) throw new UsageException("An image gets its digest when it is built: name it by a tag.");
            var given = parsed.GetValue(_name) is not null ? _name.Name : parsed.GetValue(_tag) is not null ? _tag.Name : null;
            return given is null ? (image.Name, image.Tag ?? "latest") : throw new UsageException($"{given} is for archives and layouts: -o {output.Path} names the image.");
        }

        var name = parsed.GetValue(_name)?.ToLowerInvariant() ?? spec.Name ?? throw new UsageException("The image needs a name: give --name NAME.");
        var tag = parsed.GetValue(_tag) ?? spec.Tag;
        return ImageNaming.ProblemWith(name, tag) is { } problem ? throw new UsageException(problem) : (name, tag);
    }

    /// <summary><paramref name="options"/> with all that is said here.</summary>
    /// <exception cref="UsageException">A value makes no sense.</exception>
    /// <exception cref="InputException">A file can't be read, or is not what it should be.</exception>
    public async Task<T> CompleteAsync<T>(T options, ParseResult parsed, ImageSpec spec, CancellationToken cancellationToken) where T : NewImageOptions
    {
        // What is wrong with the command line is told before files are read.
        options = (T)(options with
        {
            Dialect = DialectChoice.OfImage(parsed.GetValue(_spec) is not null, options.Output.Format),
            LayerCompression = LayerCompression(parsed, options.Output.Format),
            From = _from.Read(parsed, spec),
            Annotations = Annotations(parsed, spec, options.Output.Format),
            InheritConfig = _config.Inherits(parsed) ?? spec.InheritConfig,
            Created = Created(parsed) ?? spec.Created ?? CreationTime.Default,
            Architecture = Architecture(parsed) ?? spec.Architecture,
            Variant = Variant(parsed) ?? spec.Variant,
            Contents = _contents.Read(parsed, ContentsOf(spec)),
            Ready = _ready.Read(parsed),
            ClosureFile = parsed.GetValue(_closure) ?? spec.Closure,
            NixDatabase = parsed.GetValue(_nixDatabase) || spec.IncludeNixDatabase == true,
            KeepExtendedAttributes = _xattrs.Read(parsed),
            MaximumSize = _maxSize.Read(parsed),
        });
        return (T)(options with
        {
            ExtraCommands = await parsed.ReadAsync(_extraCommands, cancellationToken) ?? spec.ExtraCommands,
            Config = await _config.ReadAsync(parsed, spec.Config, cancellationToken),
        });
    }

    /// <summary>Refuses a command line that reads stdin more than once.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="own">Scripts of the verb.</param>
    /// <exception cref="UsageException">It does.</exception>
    public void RequireOneReaderOfStdin(ParseResult parsed, Option<string?> own)
    {
        Option<string?>[] readers = [_spec, _extraCommands, own];
        if (readers.Count(reader => parsed.GetValue(reader) == "-") + (_from.ReadsStandardInput(parsed) ? 1 : 0) > 1)
            throw new UsageException("Stdin can be read once only: - stands there more than once.");
    }

    private static LayerContents ContentsOf(ImageSpec spec) => new(
        spec.Contents ?? [], spec.KeepContentsDirlinks, spec.StoreDirectory ?? LayerContents.None.StoreDirectory);

    private CompressionFormat? LayerCompression(ParseResult parsed, ArchiveFormat format)
    {
        var compression = _compression.Read(parsed);
        if (compression is not null && format == ArchiveFormat.DockerTools)
            throw new UsageException("--format dockertools writes the layers as dockerTools does: leave --compression out.");
        return compression;
    }

    private Dictionary<string, string> Annotations(ParseResult parsed, ImageSpec spec, ArchiveFormat format)
    {
        var annotations = new Dictionary<string, string>(spec.Annotations ?? new Dictionary<string, string>(), StringComparer.Ordinal);
        foreach (var (name, text) in _annotations.Read(parsed)) annotations[name] = text;
        if (annotations.Count > 0 && format == ArchiveFormat.DockerTools)
            throw new UsageException($"--format dockertools has no manifest for the annotation '{annotations.Keys.First()}': leave it or --format out.");
        return annotations;
    }

    private string? Created(ParseResult parsed) => parsed.GetValue(_created) is not { } text ? null
        : CreationTime.Parse(text)
            ?? throw new UsageException($"'{text}' is not what --created takes: give now, or a time such as 2026-01-31T12:00:00Z.");

    private string? Variant(ParseResult parsed) => parsed.GetValue(_variant) is not { } text ? null
        : text.Length > 0 && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '.') ? text
        : throw new UsageException($"'{text}' is not what --variant takes: give a variant of the architecture, such as v7.");

    private string? Architecture(ParseResult parsed) => parsed.GetValue(_architecture) is not { } text ? null
        : text.Length > 0 && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c)) ? text
        : throw new UsageException($"'{text}' is not what --arch takes: give an architecture in Go's words, such as amd64 or arm64.");
}
