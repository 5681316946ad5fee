using OverlayImg.Caching;
using OverlayImg.Images.BaseImages;
using OverlayImg.Images.Json;
using OverlayImg.Images.Sessions;
using OverlayImg.Images.Settings;
using OverlayImg.Images.Validation;
using OverlayImg.Layers.Contents;

namespace OverlayImg.Layers.Guests;

/// <summary>
/// The inputs of a run on the host: the base image, the contents and the mounts. Each input is opened
/// once, at its first use, so the guest gets exactly what was hashed. The session owns the inputs.
/// </summary>
internal sealed class RunInputs(GuestLayerOptions options, Session session)
{
    private readonly FileMemory? _memory = options.Lower is null ? ImageMemory.Of(options.From, "unverified layers", session.Cache) : null;
    private KnownImage? _known;
    private ChosenImage? _base = options.Lower?.Image;
    private ContentsTree? _contents;
    private IReadOnlyList<MountedTree>? _mounts;

    /// <summary>Announces a base image that is known without opening it.</summary>
    /// <exception cref="InputException">The guest can't run or mount the image.</exception>
    public void ExpectBase(KnownImage known)
    {
        Accept(known);
        _known = known;
    }

    /// <summary>
    /// Returns the diff IDs that the base image's config had when the same file was last opened; the layers may be
    /// unverified. Empty without a base image; null if nothing is known.
    /// </summary>
    public IReadOnlyList<string>? GuessBaseLayers() =>
        options.Lower is { } lower ? KnownImage.Of(lower.Image).DiffIds
        : options.From is null ? [] : _memory?.Recall() is { } text ? KnownImage.Parse(text)?.DiffIds : null;

    /// <summary>An open image that shares layers with the base image; null for none.</summary>
    public BaseImage? Below => options.Lower?.Known;

    /// <summary>Opens the base image; null without one.</summary>
    /// <exception cref="InputException">
    /// The image is missing or corrupt, can't run in the guest, or differs from the announced image.
    /// </exception>
    public async Task<ChosenImage?> OpenBaseAsync(CancellationToken cancellationToken)
    {
        if (_base is not null || options.From is null) return _base;
        _base = await ChosenImage.OpenAsync(options.From, session with { CancellationToken = cancellationToken });
        var found = KnownImage.Of(_base);
        InputLocation where = new(options.From.Location.Name, Path: "config");
        // Checked before a script runs, because the variables of scripts come from the config.
        ContainerConfigRules.RequireNames(JsonObjectText.Parse(_base.Image.Config.Bytes, where), where);
        if (_known is null) Accept(found);
        else if (!found.LooksLike(_known))
            throw new InputException("was replaced by another image while it was read", new(options.From.Location.Name));
        _memory?.Remember(found.ToText());
        return _base;
    }

    /// <summary>Reads and merges the contents; null without contents.</summary>
    /// <exception cref="InputException">A path does not exist, or has an entry that a layer can't hold.</exception>
    /// <exception cref="MachineException">A file can't be read, or the disk has no space to unpack a compressed tarball.</exception>
    public ContentsTree? ReadContents(CancellationToken cancellationToken)
    {
        if (_contents is not null || options.Contents.IsEmpty) return _contents;
        session.Step("Reading the contents");
        var merging = ContentsOptions.Of(options.Contents, options.Dialect) with { Xattrs = options.KeepExtendedAttributes };
        return _contents = ContentsTree.Read(options.Contents.Sources, merging, session with { CancellationToken = cancellationToken });
    }

    /// <summary>Returns the directory at which relative destinations of copies start. Null if no copy has one.</summary>
    /// <exception cref="InputException">The base image can't be read, or its working directory is no text.</exception>
    public async Task<string?> WorkingDirectoryAsync(CancellationToken cancellationToken)
    {
        if (!options.Contents.NeedsWorkingDirectoryOfBase) return options.Contents.WorkingDirectory;
        return (await OpenBaseAsync(cancellationToken))?.Image.Config.WorkingDirectory();
    }

    /// <summary>Reads the files and directories to mount, in the order of the options.</summary>
    /// <exception cref="InputException">A file or a directory does not exist.</exception>
    /// <exception cref="MachineException">A file can't be read.</exception>
    public IReadOnlyList<MountedTree> ReadMounts(CancellationToken cancellationToken) =>
        _mounts ??= [.. options.Guest.Mounts.Select(mount => MountedTree.Read(mount, session with { CancellationToken = cancellationToken }))];

    private void Accept(KnownImage image)
    {
        if (image.SelectionWarning is { } warning) session.Warn(warning, ImageSetting.Name, ImageSetting.Tag);
        ParentLayers.RequireMountable(image, options.From!.Location.Name);
    }
}
