using OverlayImg.Images.Archives;
using OverlayImg.Images.Layers;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;

namespace OverlayImg.Images.Layouts;

/// <summary>An image of a layout: by a manifest, or for several platforms by an index or by several manifests. Every document is checked against its descriptor.</summary>
internal sealed class LayoutImage : ImageEntry
{
    /// <summary>The annotation by which readers of layouts choose.</summary>
    public const string RefName = "org.opencontainers.image.ref.name";

    /// <summary>Docker and containerd put the full reference here; the standard annotation holds a reference or a bare tag.</summary>
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

    /// <summary>Adds the names that a descriptor of the same image has.</summary>
    public void AddNamesOf(Descriptor descriptor)
    {
        var (refName, fullName) = (descriptor.Annotations.GetValueOrDefault(RefName), descriptor.Annotations.GetValueOrDefault(FullName));
        if (!string.IsNullOrEmpty(refName) && !_refNames.Contains(refName)) _refNames.Add(refName);
        var text = fullName ?? refName;
        if (string.IsNullOrEmpty(text)) return;
        var reference = text.AsSpan().IndexOfAny(':', '/') < 0 ? new("", text) : ImageReference.Parse(text);
        if (!_references.Contains(reference)) _references.Add(reference);
    }

    /// <summary>Adds the names of the same image from another entry.</summary>
    public void AddNamesOf(LayoutImage other)
    {
        _refNames.AddRange(other._refNames.Except(_refNames).ToArray());
        _references.AddRange(other._references.Except(_references).ToArray());
    }

    /// <summary>Adds the image for another platform, which is there under the same name.</summary>
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

    /// <summary>The image of a manifest.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="files">Where the blobs are that it names.</param>
    /// <param name="references">The image's names.</param>
    /// <exception cref="InputException">It is no image's, or something that it names is missing or broken.</exception>
    public static Image Read(ImageManifest manifest, ImageFiles files, IReadOnlyList<ImageReference> references)
    {
        manifest.RequireImage();
        var place = files.At(ArchiveMembers.NameOf(manifest.Config.Digest));
        var config = ImageConfig.Parse(files.ReadBlob(manifest.Config, ImageConfig.MaximumLength), place);
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
