using System.CommandLine;
using OverlayImg.Builders.NewImages;
using OverlayImg.Builders.NewImages.Specs;
using OverlayImg.Cli.Completion;
using OverlayImg.Closures;
using OverlayImg.Images.Archives.Writing;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Outputs;
using OverlayImg.Layers.Contents;
using OverlayImg.Layers.Guests;

namespace OverlayImg.Cli.Options;

/// <summary>The options of all verbs that build an image. Options override the same attributes of a spec.</summary>
internal sealed class NewImageGroup
{
    private readonly BaseImageGroup _from = new();
    private readonly ContentsGroup _contents;
    private readonly ReadyContentsGroup _ready = new();
    private readonly XattrsGroup _xattrs = new();
    private readonly MaxSizeOption _maxSize = new();
    private readonly ContainerConfigGroup _config = new();
    private readonly CompressionOption _compression = new(
        "Compression of all layers, those of the base image included. " +
        "[default: base layers stay as they are; new layers are compressed like the first base layer, without a base image not at all]");
    private readonly Option<string?> _name = new("--name")
    {
        Description = "Name of the image, such as app, team/app or registry:5000/team/app. Upper case becomes lower case.",
        HelpName = "NAME",
    };

    private readonly Option<string?> _tag = new("--tag")
    {
        Description = "Tag of the image. [default: the first 32 digits of the image ID, so that equal images get equal tags]",
        HelpName = "TAG",
    };

    private readonly Option<string?> _created = new("--created")
    {
        Description = "Creation time that the image records: now, or a time in ISO 8601, which is UTC if it names no zone. " +
            $"[default: {CreationTime.Default}]",
        HelpName = "TIME",
    };

    private readonly Option<string?> _architecture = new("--arch")
    {
        Description = "Architecture that the image records, by its name in Go, such as amd64 or arm64. " +
            "[default: the base image's, else this machine's]",
        HelpName = "ARCH",
    };

    private readonly Option<string?> _variant = new("--variant")
    {
        Description = "Variant of the architecture that the image records, such as v7. [default: the base image's, if the architecture is the same]",
        HelpName = "VARIANT",
    };

    private readonly AnnotationOption _annotations = new(
        "Annotation of the image's manifest. Annotations for the name and the digest of the base image are added where they are known.");
    private readonly Option<string?> _extraCommands;
    private readonly Option<string?> _closure;
    private readonly Option<bool> _nixDatabase = new Option<bool>("--nix-db")
    {
        Description = "For Nix: add a database of the image's store paths, so that Nix commands work in the container. Scripts see the " +
            "database, too.",
    }.Sets(ClosureSetting.NixDatabase);

    private readonly Option<string?> _spec;
    private readonly SpecKind _kind;

    /// <param name="kind">The kind of specs that the verb reads.</param>
    /// <param name="contents">The options for the files of the image.</param>
    /// <param name="extraCommands">A sentence on where the extra commands run, for the help.</param>
    /// <param name="closure">The description of <c>--closure</c>, for the help.</param>
    public NewImageGroup(SpecKind kind, ContentsGroup contents, string extraCommands, string closure)
    {
        (_kind, _contents) = (kind, contents);
        _extraCommands = ScriptOption.Create("--extra-commands",
            $"Bash script to run in the root directory of the layer before the layer is packed; - reads it from stdin. {extraCommands}");
        _closure = new Option<string?>("--closure") { Description = closure, HelpName = "FILE" }.CompletesFiles().Sets(ClosureSetting.File);
        var function = kind == SpecKind.Image ? "buildImage" : "buildLayeredImage";
        _spec = new Option<string?>("--spec")
        {
            Description = $"JSON file that describes the image with the attribute names of nixpkgs' dockerTools.{function}; - reads it from stdin. " +
                "Options override its attributes. Relative paths in it start at its directory.",
            HelpName = "FILE",
        }.CompletesFiles();
    }

    /// <summary>Adds the options, and those of the verb itself (<paramref name="own"/>).</summary>
    public void AddTo(Command command, params IEnumerable<Option> own)
    {
        _from.AddTo(command);
        _contents.AddTo(command);
        command.Add(OptionSection.Main, _name, _tag);
        command.Add(OptionSection.Main, own);
        command.Add(OptionSection.Nix, _spec, _closure, _nixDatabase);
        _ready.AddTo(command);
        command.Add(OptionSection.Scripts, _extraCommands);
        _compression.AddTo(command);
        _xattrs.AddTo(command);
        _maxSize.AddTo(command);
        _config.AddTo(command);
        _annotations.AddTo(command);
        command.Add(OptionSection.Output, _created, _architecture, _variant);
    }

    /// <summary>The spec of <c>--spec</c>; an empty spec without the option.</summary>
    /// <exception cref="InputException">The spec can't be read, or has a wrong attribute.</exception>
    public async Task<ImageSpec> SpecAsync(ParseResult parsed, CancellationToken cancellationToken) =>
        parsed.GetValue(_spec) is { } path ? await ImageSpecFile.ReadAsync(path, _kind, cancellationToken) : ImageSpec.Empty;

    /// <summary>The container's variables of the command line, in the form for scripts.</summary>
    public IReadOnlyList<EnvironmentVariable> Variables(ParseResult parsed) => _config.Variables(parsed);

    /// <summary>The destination of the image.</summary>
    /// <exception cref="UsageException">Options contradict each other.</exception>
    public ImageOutput Output(ParseResult parsed, ImageSpec spec, ImageOutputGroup output) => output.Registry(parsed) is { } registry
        ? output.Read(parsed, _from.Registries(parsed, spec, registry), spec.Compressor)
        : output.Read(parsed, compressor: spec.Compressor);

    /// <summary>Name and tag of the image; a null tag is derived from the image ID.</summary>
    /// <exception cref="UsageException">There is no name, or the name or the tag is not valid.</exception>
    public (string Name, string? Tag) Naming(ParseResult parsed, ImageSpec spec, ImageOutput output)
    {
        if (output is RegistryOutput { Image: var image })
        {
            if (image.Digest is not null)
                throw new UsageException($"-o {output.Path} names a digest, which is known only after the build: name the image by a tag.");
            var given = parsed.GetValue(_name) is not null ? _name.Name : parsed.GetValue(_tag) is not null ? _tag.Name : null;
            return given is null ? (image.Name, image.Tag ?? "latest")
                : throw new UsageException($"{given} is for archives and layouts: -o {output.Path} names the image already. Leave {given} out.");
        }

        var name = parsed.GetValue(_name)?.ToLowerInvariant() ?? spec.Name ?? throw new UsageException("The image needs a name: give --name NAME.");
        var tag = parsed.GetValue(_tag) ?? spec.Tag;
        return ImageNaming.ProblemWith(name, tag) is { } problem ? throw new UsageException(problem) : (name, tag);
    }

    /// <summary>Completes <paramref name="options"/> with the values of these options and of the spec.</summary>
    /// <exception cref="UsageException">An option has a wrong value.</exception>
    /// <exception cref="InputException">A file of an option can't be read, or has the wrong format.</exception>
    public async Task<T> CompleteAsync<T>(T options, ParseResult parsed, ImageSpec spec, CancellationToken cancellationToken)
        where T : NewImageOptions
    {
        // Wrong usage is reported before any file is read.
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
    /// <param name="own">Whether each of the verb's own options reads stdin.</param>
    /// <exception cref="UsageException">Two options or more are <c>-</c>.</exception>
    public void RequireOneReaderOfStdin(ParseResult parsed, params IEnumerable<bool> own)
    {
        Option<string?>[] readers = [_spec, _extraCommands, _closure];
        Values.RequireOneReaderOfStdin([
            .. readers.Select(reader => parsed.GetValue(reader) == InputFile.StandardInput), _from.ReadsStandardInput(parsed),
            _contents.ReadsStandardInput(parsed), _config.ReadsStandardInput(parsed), .. own]);
    }

    private static LayerContents ContentsOf(ImageSpec spec) => new(
        [.. (spec.Contents ?? []).Select(ContentsSource.FromString), .. spec.Copies ?? []],
        spec.KeepContentsDirlinks, spec.StoreDirectory ?? LayerContents.None.StoreDirectory);

    private CompressionFormat? LayerCompression(ParseResult parsed, ArchiveFormat format)
    {
        var compression = _compression.Read(parsed);
        if (compression is not null && format == ArchiveFormat.DockerTools)
            throw new UsageException("--format dockertools stores the layers as dockerTools does: leave --compression out.");
        return compression;
    }

    private Dictionary<string, string> Annotations(ParseResult parsed, ImageSpec spec, ArchiveFormat format)
    {
        var annotations = new Dictionary<string, string>(spec.Annotations ?? new Dictionary<string, string>(), StringComparer.Ordinal);
        foreach (var (name, text) in _annotations.Read(parsed)) annotations[name] = text;
        if (annotations.Count > 0 && format == ArchiveFormat.DockerTools)
            throw new UsageException($"--format dockertools writes no manifest for the annotation '{annotations.Keys.First()}': " +
                "leave the annotation or --format out.");
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
        : throw new UsageException($"'{text}' is not what --arch takes: give the name of an architecture in Go, such as amd64 or arm64.");
}
