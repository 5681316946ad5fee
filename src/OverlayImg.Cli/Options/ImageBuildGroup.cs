using System.CommandLine;
using OverlayImg.Builders;
using OverlayImg.Builders.ImageBuilds;
using OverlayImg.Builders.NewImages.Specs;
using OverlayImg.Images.Archives.Writing;

namespace OverlayImg.Cli.Options;

/// <summary>The options of <c>build</c>, which builds an image with one new layer.</summary>
internal sealed class ImageBuildGroup
{
    private readonly ImageOutputGroup _output = new(withDockerTools: true);
    private readonly NewImageGroup _image = new(SpecKind.Image, new(),
        "Its current directory is that directory, so that tmp is the layer's /tmp. It runs on the host as the current user, on a copy of " +
        "the contents; with --run-as-root or --run it runs as root in the guest VM.",
        $"{ClosureOption.Forms} [default: the store paths that contents, config and script results refer to, found by scanning]");
    private readonly OwnerGroup _owner = new();
    private readonly GuestGroup _guest = new(buildsImage: true);
    private readonly CheckOption _check = new();
    private readonly StepOptions _steps = new();
    private readonly Option<bool> _shadowSetup = new Option<bool>("--shadow-setup")
    {
        Description = "In the guest VM, create /etc/passwd and the files that belong to it if the image has none, so that useradd works.",
    }.Sets(BuilderSetting.ShadowSetup);

    private readonly Option<bool> _layerPerStep = new("--layer-per-step")
    {
        Description = "Give each --run and --run-as-root a layer of its own, and the contents another one below them. Each runs in a guest of its " +
            "own. With --reuse, only the first changed one and those after it run again.",
    };

    /// <summary>Adds the options. The output is not required with <paramref name="schema"/>.</summary>
    public void AddTo(Command command, Option<bool> schema)
    {
        _output.AddTo(command, unless: schema);
        _image.AddTo(command, _steps.All);
        _owner.AddTo(command);
        command.Add(OptionSection.Scripts, _layerPerStep, _shadowSetup);
        _guest.AddTo(command);
        _check.AddTo(command);
    }

    /// <summary>The options of the build, from the command line and the spec.</summary>
    /// <exception cref="UsageException">An option is missing, is wrong, or contradicts another one.</exception>
    /// <exception cref="InputException">A file of an option can't be read, or has the wrong format.</exception>
    public async Task<ImageBuildOptions> ReadAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        _image.RequireOneReaderOfStdin(parsed, [.. _steps.ReadsStandardInput(parsed), .. _guest.ReadsStandardInput(parsed)]);
        var spec = await _image.SpecAsync(parsed, cancellationToken);
        var output = _image.Output(parsed, spec, _output);
        var (name, tag) = _image.Naming(parsed, spec, output);
        var (uid, gid) = _owner.Read(parsed);
        var options = await _image.CompleteAsync(
            new ImageBuildOptions
            {
                Output = output,
                Name = name,
                Tag = tag,
                Uid = uid ?? spec.Uid,
                Gid = gid ?? spec.Gid,
                ShadowSetup = parsed.GetValue(_shadowSetup),
                Guest = _guest.Read(parsed, spec, _image.Variables(parsed)),
                FileTime = SourceDateEpoch.Read(),
            }, parsed, spec, cancellationToken);
        if (options.ShadowSetup || _steps.AnyGiven(parsed) || spec.Steps.Count > 0)
        {
            GuestGroup.RequirePassable(options.Guest);
        }
        else if (_guest.AnyGiven(parsed) is { } guest)
        {
            throw new UsageException($"{guest} is for the guest VM, which runs only with --run-as-root, --run or --shadow-setup: " +
                $"give one of them, or leave {guest} out.");
        }

        options = options with
        {
            Check = _check.Read(parsed, options.From, options.Contents, options.Guest),
            Guest = await _guest.WithSecretsAsync(options.Guest, parsed, cancellationToken),
            Steps = _steps.AnyGiven(parsed) ? await _steps.ReadAsync(parsed, cancellationToken) : spec.Steps,
            LayerPerStep = parsed.GetValue(_layerPerStep),
        };
        if (!options.LayerPerStep) return options;
        if (options.Steps.Count == 0) throw new UsageException("--layer-per-step needs --run or --run-as-root: give one of them, or leave it out.");
        if (options.Output.Format == ArchiveFormat.DockerTools)
            throw new UsageException("--layer-per-step makes several layers, but an image in dockerTools' format has one new layer: " +
                "leave out --layer-per-step or --format dockertools.");
        return options;
    }
}
