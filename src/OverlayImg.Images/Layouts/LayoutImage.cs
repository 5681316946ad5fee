using OverlayImg.Images.Archives;
using OverlayImg.Images.Layers;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;

namespace OverlayImg.Images.Layouts;

/// <summary>An image of a layout: a manifest, or an index or several manifests for several platforms.</summary>
internal sealed class LayoutImage : ImageEntry
{
    /// <summary>The annotation by which readers of layouts select an image.</summary>
    public const string RefName = "org.opencontainers.image.ref.name";

    /// <summary>The annotation of docker and containerd for the full reference; the standard one may hold only a tag.</summary>
    public const string FullName = "io.containerd.image.name";

    private readonly List<Descriptor> _descriptors;
    private readonly List<ImageReference> _references = [];
    private readonly List<string> _refNames = [];
    private readonly ImageFiles _files;

    public LayoutImage(IEnumerable<Descriptor> descriptors, ImageFiles files) => (_descriptors, _files) = ([.. descriptors], files);

    /// <inheritdoc/>
    public override IReadOnlyList<ImageReference> References => _references;

    /// <inheritdoc/>
    public override IReadOnlyList<Descriptor> Descriptors => _descriptors;

    /// <inheritdoc/>
    public override IReadOnlyList<string> RefNames => _refNames;

    /// <inheritdoc/>
    public override bool IsArtifact => SingleManifest is { } single && _files.ReadDocument(single) is ImageManifest { IsImage: false };

    private Descriptor? SingleManifest => _descriptors is [var only] && MediaTypes.IsManifest(only.MediaType) ? only : null;

    /// <summary>Adds the names in the annotations of a descriptor of the same image.</summary>
    public void AddNamesOf(Descriptor descriptor)
    {
        var (refName, fullName) = (descriptor.Annotations.GetValueOrDefault(RefName), descriptor.Annotations.GetValueOrDefault(FullName));
        if (!string.IsNullOrEmpty(refName) && !_refNames.Contains(refName)) _refNames.Add(refName);
        var text = fullName ?? refName;
        if (string.IsNullOrEmpty(text)) return;
        var reference = text.AsSpan().IndexOfAny(':', '/') < 0 ? new("", text) : ImageReference.Parse(text);
        if (!_references.Contains(reference)) _references.Add(reference);
    }

    /// <summary>Adds the names of another entry for the same image.</summary>
    public void AddNamesOf(LayoutImage other)
    {
        _refNames.AddRange(other._refNames.Except(_refNames).ToArray());
        _references.AddRange(other._references.Except(_references).ToArray());
    }

    /// <summary>Adds the manifest of another platform that has the same name.</summary>
    public void AddPlatform(Descriptor descriptor)
    {
        if (!_descriptors.Exists(known => known.Digest == descriptor.Digest)) _descriptors.Add(descriptor);
    }

    /// <inheritdoc/>
    protected override Image Read(Platform? platform)
    {
        var descriptor = SingleManifest ?? Choose(platform);
        var manifest = _files.ReadDocument(descriptor) as ImageManifest
            ?? throw new InputException("is an index, and should be a manifest", _files.At(ArchiveMembers.NameOf(descriptor.Digest)));
        return Read(manifest, _files, References);
    }

    /// <param name="files">The archive or layout that holds the blobs.</param>
    /// <param name="references">The names of the image.</param>
    /// <exception cref="InputException">The manifest is not an image's, or a blob is missing or damaged.</exception>
    public static Image Read(ImageManifest manifest, ImageFiles files, IReadOnlyList<ImageReference> references)
    {
        manifest.RequireImage();
        var where = files.At(ArchiveMembers.NameOf(manifest.Config.Digest));
        var config = ImageConfig.Parse(files.ReadBlob(manifest.Config, ImageConfig.MaximumLength), where);
        manifest.RequireLayersOf(config);
        var layers = manifest.Layers.Zip(config.DiffIds, (layer, diffId) =>
            IsElsewhere(layer, files) ? Layer.Elsewhere(layer, diffId, files) : new Layer(files.Blob(layer), diffId, layer.Digest));
        return new(references, config, [.. layers]) { Manifest = manifest };
    }

    private static bool IsElsewhere(Descriptor layer, ImageFiles files) =>
        MediaTypes.IsForeignLayer(layer.MediaType) && layer.Urls.Count > 0 && !files.Has(ArchiveMembers.NameOf(layer.Digest));

    private Descriptor Choose(Platform? platform)
    {
        var walk = Walk();
        return platform is null && walk.Images is [var only] ? only : PlatformChoice.Select(walk, platform ?? Platform.Host, _files.Where);
    }

    private IndexWalk Walk()
    {
        var walk = new IndexWalk(_descriptors, _files.Where);
        while (walk.TryNext(out var entry)) walk.Enter((ImageIndex)_files.ReadDocument(entry));
        return walk;
    }
}
