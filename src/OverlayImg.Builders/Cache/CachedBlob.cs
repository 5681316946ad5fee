using OverlayImg.FileSystems;

namespace OverlayImg.Builders;

/// <summary>A blob of the cache, open and held so that nobody removes it.</summary>
internal sealed class CachedBlob : IDisposable
{
    private const string BlobName = "blob";
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
}
