using System.Security.Cryptography;
using OverlayImg.Caching;
using OverlayImg.Images.Manifests;

namespace OverlayImg.Images.Remote;

/// <summary>An open blob of the cache. The cache does not remove its entry while it is open.</summary>
internal sealed class CachedBlob : IDisposable
{
    private const string BlobName = "blob";
    private const string MediaTypeName = "media-type";
    private readonly CachedEntry _entry;

    /// <summary>Opens the blob of an entry and takes ownership of the entry, also if opening fails.</summary>
    public CachedBlob(CachedEntry entry)
    {
        _entry = entry;
        try
        {
            Source = ByteSource.Open(entry.PathOf(BlobName));
        }
        catch
        {
            entry.Dispose();
            throw;
        }
    }

    /// <summary>The bytes of the blob. The blob owns the source.</summary>
    public ByteSource Source { get; }

    /// <summary>The media type that the registry sent with the blob; null if the media type was not stored.</summary>
    public string? MediaType => MediaTypeIn(_entry.PathOf(MediaTypeName));

    /// <summary>Whether the blob in an entry's directory has the digest, in hexadecimal, and a known media type or none.</summary>
    public static bool IsSound(string directory, string digest)
    {
        var path = BlobPathIn(directory);
        if (!RegularFile.Is(path) || (MediaTypeIn(MediaTypePathIn(directory)) is { } mediaType && !ManifestDocument.IsKnown(mediaType))) return false;
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file)) == digest;
    }

    /// <summary>Returns the path of the file with the media type in an entry's directory.</summary>
    public static string MediaTypePathIn(string directory) => Path.Combine(directory, MediaTypeName);

    /// <summary>Returns the path of the blob in an entry's directory.</summary>
    public static string BlobPathIn(string directory) => Path.Combine(directory, BlobName);

    /// <summary>Reads the whole blob into memory. The caller limits the size.</summary>
    public byte[] ReadAll()
    {
        var bytes = new byte[Source.Length];
        Source.Read(0, bytes);
        return bytes;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Source.Dispose();
        _entry.Dispose();
    }

    private static string? MediaTypeIn(string path) => RegularFile.Is(path) ? File.ReadAllText(path) : null;
}
