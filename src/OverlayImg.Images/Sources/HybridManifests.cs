using OverlayImg.Images.Archives;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Layouts;
using OverlayImg.Images.Manifests;

namespace OverlayImg.Images.Sources;

/// <summary>
/// The OCI manifests of an archive that is both a docker-archive and an OCI layout. <c>manifest.json</c> can't express
/// all of their fields, above all the digest of an image in a registry. Loaders of docker-archives ignore the layout's
/// documents, so damaged documents count as missing.
/// </summary>
internal sealed class HybridManifests
{
    private readonly ImageFiles _files;
    private readonly Lazy<ILookup<Digest, ImageManifest>> _byConfig;

    public HybridManifests(ImageFiles files)
    {
        _files = files;
        _byConfig = new(() => Read().ToLookup(manifest => manifest.Config.Digest));
    }

    /// <summary>Finds the manifest with exactly this config and these layers; null if the layout has no such manifest.</summary>
    public ImageManifest? Find(Digest config, IReadOnlyList<ArchiveMember> layers) => _byConfig.Value[config].FirstOrDefault(manifest =>
        manifest.Layers.Count == layers.Count && manifest.Layers.Zip(layers, IsOf).All(isOf => isOf));

    private bool IsOf(Descriptor blob, ArchiveMember layer) =>
        layer.Length == blob.Size && _files.Find(ArchiveMembers.NameOf(blob.Digest)) is { } member && member.Place == layer.Place;

    private List<ImageManifest> Read()
    {
        var manifests = new List<ImageManifest>();
        if (!_files.Has(LayoutIndex.Name)) return manifests;
        try
        {
            LayoutIndex.RequireVersion(_files);
            var index = LayoutIndex.ReadIndex(_files);
            var walk = new IndexWalk(index.Images.Concat(index.Indexes), index.Where);
            // An archive often holds only one of the platforms that the index lists.
            while (walk.TryNext(out var entry))
            {
                if (_files.Has(ArchiveMembers.NameOf(entry.Digest))) walk.Enter((ImageIndex)_files.ReadDocument(entry));
            }

            foreach (var entry in walk.Images.DistinctBy(entry => entry.Digest).Where(entry => _files.Has(ArchiveMembers.NameOf(entry.Digest))))
            {
                if (_files.ReadDocument(entry) is ImageManifest { IsImage: true } manifest) manifests.Add(manifest);
            }
        }
        catch (InputException)
        {
            // The image is read from manifest.json alone.
            return manifests;
        }

        return manifests;
    }
}
