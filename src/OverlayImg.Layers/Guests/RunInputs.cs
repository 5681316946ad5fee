using OverlayImg.Caching;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.Images.BaseImages;
using OverlayImg.Images.Json;
using OverlayImg.Images.Sessions;
using OverlayImg.Images.Validation;
using OverlayImg.Layers.Contents;

namespace OverlayImg.Layers.Guests;

/// <summary>
/// What a run takes from the host: the base image, the contents, the directories to mount. Each is opened when it is first asked for, and once: what was
/// hashed is what the guest gets. The session owns all of them.
/// </summary>
/// <param name="options">Which.</param>
/// <param name="session">The operation.</param>
internal sealed class RunInputs(GuestLayerOptions options, Session session)
{
    private readonly FileMemory? _memory = ImageMemory.Of(options.From, "unverified layers", session.Cache);
    private KnownImage? _known;
    private ChosenImage? _base;
    private ContentsTree? _contents;
    private IReadOnlyList<FileTree>? _mounts;

    /// <summary>Tells what the base image is, where that is known without opening it.</summary>
    /// <exception cref="InputException">It is not for this machine's guest.</exception>
    public void ExpectBase(KnownImage known)
    {
        Accept(known);
        _known = known;
    }

    /// <summary>
    /// The diff IDs that the base image's config named when the same file was opened last: nobody need have hashed the layers. None without a base image;
    /// null where nothing is known.
    /// </summary>
    public IReadOnlyList<string>? GuessBaseLayers() => options.From is null ? [] : _memory?.Recall() is { } text ? KnownImage.Parse(text)?.DiffIds : null;

    /// <summary>The base image; null where there is none.</summary>
    /// <exception cref="InputException">It is broken, not there, not for this machine's guest, or another than was expected.</exception>
    public async Task<ChosenImage?> OpenBaseAsync(CancellationToken cancellationToken)
    {
        if (_base is not null || options.From is null) return _base;
        _base = await ChosenImage.OpenAsync(options.From, session with { CancellationToken = cancellationToken });
        var found = KnownImage.Of(_base);
        InputLocation where = new(options.From.Location.Name, Path: "config");
        // Before a script runs: its variables come from the config.
        ContainerConfigRules.RequireNames(JsonObjectText.Parse(_base.Image.Config.Bytes, where), where);
        if (_known is null) Accept(found);
        else if (!found.HasLayersOf(_known)) throw new InputException("was replaced by another image while it was read", new(options.From.Location.Name));
        _memory?.Remember(found.ToText());
        return _base;
    }

    /// <summary>The contents, merged; null where there are none.</summary>
    /// <exception cref="InputException">A path does not exist, or holds what can't be in a layer.</exception>
    /// <exception cref="MachineException">Something may not be read, or there is no space for what must be unpacked.</exception>
    public ContentsTree? ReadContents(CancellationToken cancellationToken)
    {
        if (_contents is not null || options.Contents.Paths.Count == 0) return _contents;
        session.Step("Reading the contents");
        var merging = ContentsOptions.Of(options.Contents, options.Dialect) with { Xattrs = options.KeepExtendedAttributes };
        return _contents = ContentsTree.Read(options.Contents.Paths, merging, session with { CancellationToken = cancellationToken });
    }

    /// <summary>The directories to mount, in the order of the options.</summary>
    /// <exception cref="InputException">One does not exist.</exception>
    /// <exception cref="MachineException">Something may not be read.</exception>
    public IReadOnlyList<FileTree> ReadMounts(CancellationToken cancellationToken) =>
        _mounts ??= [.. options.Guest.Mounts.Select(mount => HostTree.Read(mount.Source, new(), cancellationToken))];

    private void Accept(KnownImage image)
    {
        if (image.SelectionWarning is { } warning) session.Warn(warning);
        ParentLayers.RequireMountable(image, options.From!);
    }
}
