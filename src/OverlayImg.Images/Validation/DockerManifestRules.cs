using OverlayImg.Images.Archives;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Json;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;
using OverlayImg.Images.Sources;

namespace OverlayImg.Images.Validation;

/// <summary>Rules for <c>manifest.json</c> that docker, podman and containerd enforce. No specification has them.</summary>
internal sealed class DockerManifestRules(ArchiveDocuments documents, CancellationToken cancellationToken)
{
    private const int MaximumLength = 20 << 20;
    private const int MaximumImages = 10_000;
    private const string Type = "docker-manifest";

    private readonly Dictionary<string, int> _tags = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CheckedConfig?> _configs = new(StringComparer.Ordinal);

    public bool IsThere => documents.Has(DockerManifest.Name);

    /// <summary>Checks all documents, and returns the images of the archive.</summary>
    public IReadOnlyList<CheckedImage> Check()
    {
        if (documents.Has("repositories")) documents.Read("repositories", MaximumLength)?.IsObject("docker-repositories");
        if (documents.Read(DockerManifest.Name, MaximumLength) is not { } manifest) return [];
        var items = manifest.Items(Type);
        if (items.Count == 0 && manifest.Kind == System.Text.Json.JsonValueKind.Array) manifest.Warn("docker-empty", "names no image");
        var images = new List<CheckedImage>();
        foreach (var item in items.Take(MaximumImages))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Check(item, images.Count) is { } image) images.Add(image);
        }

        return images;
    }

    private CheckedImage? Check(CheckedJson image, int number)
    {
        if (!image.IsObject(Type)) return null;
        var references = References(image, number);
        var config = image.Required("docker-config", "Config") is { } name && name.Text(Type) is { } text ? Config(name, text) : null;
        CheckedJson[] names = [.. image.Member("Layers")?.Items(Type) ?? []];
        ArchiveMember?[] members = [.. names.Select(Layer)];
        var diffIds = config?.Config?.DiffIds;
        if (diffIds is not null && diffIds.Count != names.Length)
            image.Error("layers-diff-ids", $"has {names.Length} layers, but its config has {diffIds.Count} diff IDs");
        if (config is null) return null;
        var where = $"{DockerManifest.Name}, [{number}].Layers";
        LayerUse?[] layers = [.. members.Select((member, index) => member is null ? null
            : new LayerUse(member, $"{where}[{index}]", diffIds is not null && index < diffIds.Count ? diffIds[index] : null, MediaType: null))];
        var checkedImage = new CheckedImage(where, config.Value.Id, layers);
        checkedImage.References.AddRange(references);
        return checkedImage;
    }

    private List<ImageReference> References(CheckedJson image, int number)
    {
        var references = new List<ImageReference>();
        if (image.Member("RepoTags") is not { } tags)
        {
            // docker and podman write null for an image without a name; skopeo writes an empty list.
            if (image.HasKey("RepoTags")) image.Warn("docker-tags-null", "\"RepoTags\" is null: some readers require a list, which may be empty");
            return references;
        }

        foreach (var tag in tags.Items("docker-tags"))
        {
            if (tag.Text("docker-tags") is not { } text) continue;
            var reference = ImageReference.Parse(text);
            if (!reference.IsValid) tag.Error("docker-tags", $"'{JsonInput.Printable(text)}' is not a valid image name");
            else if (reference.Tag.Length == 0) tag.Error("docker-tags", $"'{JsonInput.Printable(text)}' has no tag");
            else if (_tags.TryAdd(text, number)) references.Add(reference);
            else tag.Error("docker-tags", $"'{JsonInput.Printable(text)}' occurs twice");
        }

        return references;
    }

    private (Digest Id, CheckedConfig? Config)? Config(CheckedJson name, string text)
    {
        if (documents.Require(text, "docker-config", name) is null) return null;
        if (documents.Bytes(text, ImageConfig.MaximumLength) is not { } bytes) return null;
        var id = Digest.Of(bytes);
        if (!_configs.TryGetValue(text, out var config))
        {
            config = CheckedJson.Parse(bytes, JsonInput.Printable(text), documents.Findings) is { } document ? ConfigRules.Check(document) : null;
            _configs.Add(text, config);
        }

        var claimed = Path.GetFileName(text).Replace(".json", "", StringComparison.Ordinal).Replace("sha256:", "", StringComparison.Ordinal);
        if (Digest.TryParseHex(claimed, out var expected) && expected != id)
            name.Error("docker-config-name", $"is named by a digest, but its content has the digest {id}");
        return (id, config);
    }

    private ArchiveMember? Layer(CheckedJson name) => name.Text("docker-layer") switch
    {
        null => null,
        "" => Empty(name),
        var text => documents.Require(text, "docker-layer", name),
    };

    private static ArchiveMember? Empty(CheckedJson name)
    {
        name.Error("docker-layer", "is empty");
        return null;
    }
}
