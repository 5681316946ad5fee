using System.Text.Json;
using System.Text.RegularExpressions;
using OverlayImg.Images.Archives;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Json;

namespace OverlayImg.Images.Validation;

/// <summary>A descriptor with a readable digest.</summary>
/// <param name="Json">JSON of the descriptor.</param>
/// <param name="MediaType">Media type of the blob; empty if missing.</param>
/// <param name="Digest">Digest of the blob.</param>
/// <param name="Member">File of the blob; null if the archive lacks it.</param>
internal sealed record CheckedDescriptor(CheckedJson Json, string MediaType, Digest Digest, ArchiveMember? Member);

/// <summary>Rules for descriptors (OCI Image Specification, descriptor), and for the presence and size of their blobs.</summary>
internal sealed partial class DescriptorRules(ArchiveDocuments documents)
{
    private const int MaximumEmbeddedLength = 1 << 20;
    private const string Type = "descriptor-type";

    /// <summary>Checks a descriptor; null if its digest can't be read.</summary>
    /// <param name="descriptor">JSON of the descriptor.</param>
    /// <param name="mayBeElsewhere">
    /// Whether a blob of a media type may be missing: an unsaved platform, a non-distributable layer.
    /// </param>
    public CheckedDescriptor? Check(CheckedJson descriptor, Func<string, bool> mayBeElsewhere)
    {
        if (!descriptor.IsObject(Type)) return null;
        var mediaType = descriptor.Required("descriptor-media-type", "mediaType")?.Text("descriptor-media-type") ?? "";
        if (mediaType.Length > 0 && !MediaTypePattern.IsMatch(mediaType))
            descriptor.Error("descriptor-media-type", $"has the media type '{JsonInput.Printable(mediaType)}', which RFC 6838 does not allow");
        CheckRest(descriptor);
        var size = descriptor.Required("descriptor-size", "size")?.Number("descriptor-size");
        if (size < 0) descriptor.Error("descriptor-size", $"has the negative size {size}");
        if (descriptor.Required("descriptor-digest", "digest")?.Digest("descriptor-digest") is not { } digest) return null;
        CheckEmbedded(descriptor, digest);
        var name = ArchiveMembers.NameOf(digest);
        var member = documents.Find(name);
        if (member is null && !mayBeElsewhere(mediaType) && !descriptor.HasKey("data"))
            descriptor.Error("blob-missing", $"describes {name}, which the {documents.Kind} does not have");
        if (member is not null && size >= 0 && size != member.Length)
            descriptor.Error("blob-size", $"says {size} bytes, but {name} has {member.Length}");
        return new(descriptor, mediaType, digest, member);
    }

    private static void CheckRest(CheckedJson descriptor)
    {
        foreach (var url in descriptor.Member("urls")?.Items(Type) ?? []) url.Text(Type);
        descriptor.Member("artifactType")?.Text(Type);
        CheckAnnotations(descriptor);
        if (descriptor.Member("platform") is not { } platform || !platform.IsObject(Type)) return;
        platform.Required("descriptor-platform", "architecture")?.Text(Type);
        platform.Required("descriptor-platform", "os")?.Text(Type);
        foreach (var key in (string[])["os.version", "variant"]) platform.Member(key)?.Text(Type);
    }

    /// <summary>Checks that annotations have names and are strings (OCI Image Specification, annotations).</summary>
    public static void CheckAnnotations(CheckedJson annotated)
    {
        foreach (var (key, value) in annotated.Member("annotations")?.Members("annotations") ?? [])
        {
            if (key.Length == 0) value.Error("annotations", "has no name");
            value.Text("annotations");
        }
    }

    private static void CheckEmbedded(CheckedJson descriptor, Digest digest)
    {
        if (descriptor.Member("data") is not { Kind: JsonValueKind.String } data) return;
        var text = data.Text(Type)!;
        var bytes = new byte[Math.Min(MaximumEmbeddedLength, text.Length)];
        if (!Convert.TryFromBase64String(text, bytes, out var count)) data.Error("descriptor-data", "is not base64, or is longer than 1 MiB");
        else if (Digest.Of(bytes.AsSpan(0, count)) != digest) data.Error("descriptor-data", "does not have the descriptor's digest");
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}\z")]
    private static partial Regex MediaTypePattern { get; }
}
