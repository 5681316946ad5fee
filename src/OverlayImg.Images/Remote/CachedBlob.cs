using System.Security.Cryptography;
using OverlayImg.Caching;
using OverlayImg.Images.Manifests;

namespace OverlayImg.Images.Remote;

/// <summary>A blob of the cache, open and held so that nobody removes it.</summary>
internal sealed class CachedBlob : IDisposable
{
    private const string BlobName = "blob";
    private const string MediaTypeName = "media-type";
    private readonly CachedEntry _entry;

    /// <summary>Opens the blob of an entry, which is this object's from here on.</summary>
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

    /// <summary>Its bytes.</summary>
    public ByteSource Source { get; }

    /// <summary>What it was said to be when it came; null where nobody said.</summary>
    public string? MediaType => MediaTypeIn(_entry.PathOf(MediaTypeName));

    /// <summary>Whether the blob in a directory has the digest, in hexadecimal digits, and is said to be nothing impossible.</summary>
    public static bool IsSound(string directory, string digest)
    {
        var path = BlobPathIn(directory);
        if (!RegularFile.Is(path) || (MediaTypeIn(MediaTypePathIn(directory)) is { } mediaType && !ManifestDocument.IsKnown(mediaType))) return false;
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file)) == digest;
    }

    /// <summary>Where what it was said to be is in its directory.</summary>
    public static string MediaTypePathIn(string directory) => Path.Combine(directory, MediaTypeName);

    /// <summary>Where the blob is in its directory.</summary>
    public static string BlobPathIn(string directory) => Path.Combine(directory, BlobName);

    /// <summary>All of it, for what is small.</summary>
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
