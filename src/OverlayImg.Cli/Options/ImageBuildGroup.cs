using System.CommandLine;
using OverlayImg.Builders;
using OverlayImg.Builders.ImageBuilds;
using OverlayImg.Builders.NewImages.Specs;
using OverlayImg.Images.Settings;

namespace OverlayImg.Cli.Options;

/// <summary>What an image of one new layer is built from.</summary>
internal sealed class ImageBuildGroup
{
    private readonly ImageOutputGroup _output = new(withDockerTools: true);
    private readonly NewImageGroup _image = new(SpecKind.Image, new(),
        "on a copy of the contents, as you, or in the guest with --run-as-root.",
        "Store paths that go to the new layer at the same paths, owned by root, unless the base image has them there: " +
        "exportReferencesGraph, closureInfo's registration, nix path-info --json --recursive, or one path per line. " +
        "[default: what contents, config and the results of scripts refer to, found by scanning]");
    private readonly OwnerGroup _owner = new();
    private readonly GuestGroup _guest = new(buildsImage: true);
    private readonly CheckOption _check = new();
    private readonly Option<string?> _runAsRoot = ScriptOption.Create("--run-as-root",
        "The script to run as root in the image's file system, in a guest: by the program that its #! line names if the image has it, else by bash -e; - reads it from " +
        "stdin. What it changed is the new layer.").Sets(ImageSetting.RootScript);
    private readonly Option<bool> _shadowSetup = new Option<bool>("--shadow-setup")
    {
        Description = "In the guest, make /etc/passwd and what belongs to it where the image has none, so that useradd works.",
    }.Sets(BuilderSetting.ShadowSetup);

    /// <summary>Adds the options; no output is needed with <paramref name="schema"/>.</summary>
    public void AddTo(Command command, Option<bool> schema)
    {
        _output.AddTo(command, unless: schema);
        _image.AddTo(command);
        _owner.AddTo(command);
        command.Add(_runAsRoot);
        command.Add(_shadowSetup);
        _guest.AddTo(command);
        _check.AddTo(command);
    }

    /// <summary>The build that command line and spec ask for.</summary>
    /// <exception cref="UsageException">Something is missing, or makes no sense.</exception>
    /// <exception cref="InputException">A file can't be read, or is not what it should be.</exception>
    public async Task<ImageBuildOptions> ReadAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        _image.RequireOneReaderOfStdin(parsed, _runAsRoot);
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
        options = options with
        {
            Check = _check.Read(parsed, options.From, options.Guest),
            RunAsRoot = await parsed.ReadAsync(_runAsRoot, cancellationToken) ?? spec.RunAsRoot,
        };
        if (!options.RunsGuest && _guest.AnyGiven(parsed) is { } guest)
            throw new UsageException($"{guest} is for a guest, and without --run-as-root there is none.");
        if (options.RunsGuest) GuestGroup.RequirePassable(options.Guest);
        return options;
    }
}
