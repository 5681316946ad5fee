using OverlayImg.Images.Archives;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Layouts;
using OverlayImg.Images.Manifests;

namespace OverlayImg.Images.Sources;

/// <summary>
/// The manifests of an archive that is a docker-archive and an OCI layout at once: what <c>manifest.json</c> can't say of an image, its digest in a registry above all,
/// stays known by them. Who reads docker-archives never looks at the layout's documents; so broken ones are as none.
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

    /// <summary>The manifest that has exactly this config and these layers; null where there is none.</summary>
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
            // Of the images for several platforms often one alone is there.
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
            // The image is read without.
            return manifests;
        }

        return manifests;
    }
}
