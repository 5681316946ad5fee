using OverlayImg.FileSystems;

namespace OverlayImg.Images;

/// <summary>
/// Reads an OCI layout in a tar (image-spec, image-layout.md), as skopeo and podman write it for <c>oci-archive</c> and <c>docker buildx</c> for
/// <c>type=oci</c>: <c>index.json</c>, from there by digest. Every manifest and config is checked against its descriptor.
/// </summary>
internal sealed class OciIndex(ByteSource archive, MemberTable members)
{
    public const string Name = "index.json";

    /// <summary>What registries accept of a manifest, and more than any has.</summary>
    private const int MaximumManifestLength = 4 << 20;

    public IReadOnlyList<ArchiveImage> Read()
    {
        var index = JsonInput.Parse(members.ReadAll(Name, MaximumManifestLength), members.At(Name));
        ArchiveImage[] images = [.. index.Required("manifests").Items().Where(IsImage).Select(ReadImage)];
        return images.Length > 0 ? images : throw index.Wrong("names no image");
    }

    // Attestations stand beside the images that they attest, disguised as images for a platform that does not exist.
    private static bool IsImage(JsonInput descriptor) => descriptor.Optional("annotations")?.Text("vnd.docker.reference.type") is null;

    private ArchiveImage ReadImage(JsonInput descriptor)
    {
        var references = ReferencesOf(descriptor);
        var mediaType = descriptor.Required("mediaType").Text();
        var document = ReadDocument(descriptor);
        if (MediaTypes.IsIndex(mediaType))
        {
            descriptor = OnlyPlatform(document);
            mediaType = descriptor.Required("mediaType").Text();
            document = ReadDocument(descriptor);
        }

        if (!MediaTypes.IsManifest(mediaType))
        {
            throw descriptor.Wrong($"has the media type '{JsonInput.Printable(mediaType)}', which is not that of an image");
        }

        // CVE-2021-41190: a document that is a manifest and an index at once means different images to different readers.
        if (document.Has("manifests")) throw document.Wrong("is a manifest and an index at once");
        return ReadManifest(references, document);
    }

    private static JsonInput OnlyPlatform(JsonInput index)
    {
        if (index.Has("config") || index.Has("layers")) throw index.Wrong("is a manifest and an index at once");
        JsonInput[] images = [.. index.Items("manifests").Where(IsImage)];
        if (images.Length == 1) return images[0];
        const string Advice = "Take one out: 'skopeo --override-arch amd64 copy oci-archive:FILE docker-archive:base.tar'.";
        throw index.Wrong($"has images for {images.Length} platforms; only one is supported", Advice);
    }

    private ArchiveImage ReadManifest(ImageReference[] references, JsonInput manifest)
    {
        var configDescriptor = manifest.Required("config");
        if (configDescriptor.Required("mediaType").Text() is var mediaType && !MediaTypes.IsConfig(mediaType))
        {
            throw configDescriptor.Wrong($"has the media type '{JsonInput.Printable(mediaType)}': this is an artifact, not an image");
        }

        var (configBytes, configPlace) = Read(configDescriptor, ImageConfig.MaximumLength);
        var config = ImageConfig.Parse(configBytes, configPlace);
        var layers = manifest.Items("layers");
        if (layers.Count != config.DiffIds.Count)
        {
            throw manifest.Wrong($"has {layers.Count} layers, but its config has {config.DiffIds.Count} diff IDs");
        }

        return new(references, config, [.. layers.Zip(config.DiffIds, LayerOf)]);
    }

    private Layer LayerOf(JsonInput descriptor, Digest diffId)
    {
        var (member, digest) = Blob(descriptor);
        return new(archive, member, diffId, digest, members.Archive);
    }

    private JsonInput ReadDocument(JsonInput descriptor)
    {
        var (bytes, place) = Read(descriptor, MaximumManifestLength);
        return JsonInput.Parse(bytes, place);
    }

    private (byte[] Bytes, InputLocation Place) Read(JsonInput descriptor, int maximumLength)
    {
        var (member, expected) = Blob(descriptor);
        var place = members.At(member.Name);
        var bytes = members.ReadAll(member.Name, maximumLength);
        var actual = Digest.Of(bytes);
        return actual == expected ? (bytes, place) : throw new InputException($"has the digest {actual}, not the one that its name says", place);
    }

    private (ArchiveMember Member, Digest Digest) Blob(JsonInput descriptor)
    {
        var digest = descriptor.Required("digest").Digest();
        var size = descriptor.Required("size").Size();
        var member = members.Require($"blobs/sha256/{digest.Hex}");
        if (size != member.Length) throw descriptor.Wrong($"says {size} bytes, but the blob has {member.Length}");
        return (member, digest);
    }

    private static ImageReference[] ReferencesOf(JsonInput descriptor)
    {
        // Docker and containerd put the full reference in an annotation of their own; the standard one holds a reference or a bare tag.
        if (descriptor.Optional("annotations") is not { } annotations) return [];
        var text = annotations.Text("io.containerd.image.name") ?? annotations.Text("org.opencontainers.image.ref.name");
        if (string.IsNullOrEmpty(text)) return [];
        return [text.AsSpan().IndexOfAny(':', '/') < 0 ? new("", text) : ImageReference.Parse(text)];
    }
}
