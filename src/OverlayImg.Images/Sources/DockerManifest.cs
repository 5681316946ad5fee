using OverlayImg.Images.Archives;
using OverlayImg.Images.Json;
using OverlayImg.Images.Layers;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;

namespace OverlayImg.Images.Sources;

/// <summary>
/// Reads <c>manifest.json</c>, the list of images of a docker-archive since Docker 1.10 (moby, image/tarexport). If the
/// archive is also an OCI layout, each image gets its manifest from the layout.
/// </summary>
internal sealed class DockerManifest(ImageFiles members)
{
    public const string Name = "manifest.json";

    private readonly HybridManifests _manifests = new(members);

    /// <summary>The most bytes of the file, as in containerd. The 1 MiB of containers/image is too small for thousands of images.</summary>
    private const int MaximumLength = 20 << 20;

    public IReadOnlyList<Image> Read()
    {
        var images = JsonInput.Parse(members.ReadAll(Name, MaximumLength), members.At(Name));
        if (images.IsNull) throw images.Wrong("is null: the archive holds no image");
        var items = images.Items();
        return items.Count > 0 ? [.. items.Select(ReadImage)] : throw images.Wrong("is empty: the archive holds no image");
    }

    private Image ReadImage(JsonInput image)
    {
        var configName = image.Required("Config").Text();
        var config = ImageConfig.Parse(members.ReadAll(configName, ImageConfig.MaximumLength), members.At(configName));
        var layerNames = image.Items("Layers");
        if (layerNames.Count != config.DiffIds.Count)
        {
            throw image.Wrong($"has {layerNames.Count} layers, but its config has {config.DiffIds.Count} diff IDs");
        }

        var references = image.Items("RepoTags").Select(tag => ImageReference.Parse(tag.Text()));
        ArchiveMember[] layers = [.. layerNames.Select(name => members.Require(name.Text()))];
        var manifest = _manifests.Find(config.Id, layers);
        return new([.. references], config, [.. layers.Zip(config.DiffIds, (layer, diffId) => (layer, diffId)).Select((pair, index) =>
            new Layer(pair.layer, pair.diffId, manifest?.Layers[index].Digest))])
        {
            Manifest = manifest,
        };
    }
}
