using System.Text.Json.Nodes;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Json;
using OverlayImg.Images.Manifests;

namespace OverlayImg.Images.Sources;

/// <summary>
/// Reads the tar of a plain root file system as an image. mmdebstrap, <c>docker export</c> and
/// <c>overlayimg export</c> write such tars. The tar is the image's only layer, and the config contains only the
/// platform and the diff ID. The same tar gives the same image.
/// </summary>
internal static class RootFileSystem
{
    /// <summary>Whether a member with this cleaned path shows that a tar holds a root file system.</summary>
    public static bool IsTelling(ByteString path)
    {
        var first = path.Span.IndexOf((byte)'/') is var slash and >= 0 ? path.Span[..slash] : path.Span;
        // Each root file system has one of these directories, and image archives have none of them.
        return first.SequenceEqual("bin"u8) || first.SequenceEqual("etc"u8) || first.SequenceEqual("usr"u8);
    }

    /// <summary>Returns the error for an entry that a layer can't contain under its name, such as a whiteout; null for other entries.</summary>
    public static InputException? ProblemWith(TarEntry entry, InputLocation where)
    {
        var name = entry.RawName.Span;
        var last = name.TrimEnd((byte)'/');
        last = last[(last.LastIndexOf((byte)'/') + 1)..];
        var what = last.StartsWith(".wh."u8) ? "begins with '.wh.', by which a layer deletes files"
            : name.StartsWith("../"u8) || name.IndexOf("/../"u8) >= 0 || last.SequenceEqual(".."u8) ? "has '..' in its name"
            : null;
        return what is null ? null : new InputException(what, where with { Path = DisplayName.Of(name), Offset = entry.HeaderOffset })
        {
            Advice = "The tar of a root file system has no such names: pack the files again.",
        };
    }

    /// <summary>Makes the image source. Hashes the tar, unless <paramref name="reading"/> has its digest.</summary>
    /// <param name="tar">The uncompressed tar. The returned source owns it.</param>
    /// <param name="where">Name of the tar in messages.</param>
    public static ImageSource Open(ByteSource tar, InputLocation where, ArchiveReading reading, CancellationToken cancellationToken)
    {
        var diffId = reading.KnownDiffId ?? DigestOf(tar, cancellationToken);
        var config = ConfigOf(reading.Platform ?? Platform.Host, [diffId]);
        return ImageSource.OfConfig(where, config, new Dictionary<Digest, ByteSource> { [diffId] = tar }, owner: tar);
    }

    /// <summary>Makes the config of an image without settings: platform and diff IDs.</summary>
    public static byte[] ConfigOf(Platform platform, IEnumerable<Digest> diffIds) => JsonBytes.Of(writer =>
    {
        var config = new JsonObject { ["architecture"] = platform.Architecture };
        if (platform.Variant.Length > 0) config["variant"] = platform.Variant;
        config["os"] = platform.OperatingSystem;
        config["rootfs"] = new JsonObject
        {
            ["type"] = "layers",
            ["diff_ids"] = new JsonArray([.. diffIds.Select(diffId => JsonValue.Create(diffId.ToString()))]),
        };
        config.WriteTo(writer);
    });

    private static Digest DigestOf(ByteSource tar, CancellationToken cancellationToken)
    {
        using var stream = new SourceRangeStream(tar, 0, tar.Length);
        return Digest.OfAsync(stream, cancellationToken).GetAwaiter().GetResult();
    }
}

/// <summary>Options for opening an image file.</summary>
/// <param name="Form">The format that the file is read as.</param>
/// <param name="Platform">Platform of the image made from a root file system; null for the host's platform.</param>
/// <param name="KnownDiffId">Digest of the tar of a root file system, which is then not hashed; null if unknown.</param>
public sealed record ArchiveReading(ArchiveForm Form = ArchiveForm.Any, Platform? Platform = null, Digest? KnownDiffId = null);
