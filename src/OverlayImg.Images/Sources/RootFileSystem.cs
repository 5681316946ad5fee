using System.Text.Json.Nodes;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Json;
using OverlayImg.Images.Manifests;

namespace OverlayImg.Images.Sources;

/// <summary>
/// The tar of a plain root file system, as mmdebstrap, <c>docker export</c> and <c>overlayimg export</c> write it, taken for an image: the tar is its one layer,
/// and the config says the platform and nothing else. The same tar gives the same image.
/// </summary>
internal static class RootFileSystem
{
    /// <summary>Whether a tar with a member of this cleaned path is taken for a root file system.</summary>
    public static bool IsTelling(ByteString path)
    {
        var first = path.Span.IndexOf((byte)'/') is var slash and >= 0 ? path.Span[..slash] : path.Span;
        // Each root file system has one of these directories, and no image archive has.
        return first.SequenceEqual("bin"u8) || first.SequenceEqual("etc"u8) || first.SequenceEqual("usr"u8);
    }

    /// <summary>Why an entry can't be one of a root file system: what a layer would take for something else. Null where it can.</summary>
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

    /// <summary>The image. Hashes the tar, unless its digest is known.</summary>
    /// <param name="tar">The tar, not compressed; the source's from here on.</param>
    /// <param name="where">What messages call the tar.</param>
    /// <param name="reading">How the tar is read.</param>
    /// <param name="cancellationToken">Ends the hashing.</param>
    public static ImageSource Open(ByteSource tar, InputLocation where, ArchiveReading reading, CancellationToken cancellationToken)
    {
        var diffId = reading.KnownDiffId ?? DigestOf(tar, cancellationToken);
        var config = ConfigOf(reading.Platform ?? Platform.Host, [diffId]);
        return ImageSource.OfConfig(where, config, new Dictionary<Digest, ByteSource> { [diffId] = tar }, owner: tar);
    }

    /// <summary>The config of an image that has layers and no settings.</summary>
    public static byte[] ConfigOf(Platform platform, IEnumerable<Digest> diffIds) => JsonBytes.Of(writer =>
    {
        var config = new JsonObject { ["architecture"] = platform.Architecture };
        if (platform.Variant.Length > 0) config["variant"] = platform.Variant;
        config["os"] = platform.OperatingSystem;
        config["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray([.. diffIds.Select(diffId => JsonValue.Create(diffId.ToString()))]) };
        config.WriteTo(writer);
    });

    private static Digest DigestOf(ByteSource tar, CancellationToken cancellationToken)
    {
        using var stream = new SourceRangeStream(tar, 0, tar.Length);
        return Digest.OfAsync(stream, cancellationToken).GetAwaiter().GetResult();
    }
}

/// <summary>How a file with an image is read.</summary>
/// <param name="Form">What the file is read as.</param>
/// <param name="Platform">What the image of a root file system is for; null for this machine's.</param>
/// <param name="KnownDiffId">The digest of a root file system's tar, where that is known; else null.</param>
public sealed record ArchiveReading(ArchiveForm Form = ArchiveForm.Any, Platform? Platform = null, Digest? KnownDiffId = null);
