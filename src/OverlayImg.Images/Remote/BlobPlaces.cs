using OverlayImg.Caching;
using OverlayImg.Images.Digests;
using OverlayImg.Images.References;

namespace OverlayImg.Images.Remote;

/// <summary>
/// A record of the repositories of a registry that had a blob, so that the blob can be mounted into another repository.
/// The record may be out of date: a failed mount does no harm.
/// </summary>
internal sealed class BlobPlaces(Cache cache)
{
    private const int Maximum = 3;
    private readonly Lock _lock = new();

    /// <summary>Returns the repositories that had a blob, the latest first, without the registry, such as <c>library/debian</c>.</summary>
    public IReadOnlyList<string> Of(string registry, Digest blob) => Memory(registry, blob).Recall()?.Split('\n') ?? [];

    /// <summary>Records that a repository has the blob.</summary>
    public void Add(RegistryReference repository, Digest blob)
    {
        lock (_lock)
        {
            var known = Of(repository.Registry, blob);
            if (known.Contains(repository.Repository)) return;
            Memory(repository.Registry, blob).Remember(string.Join('\n', known.Prepend(repository.Repository).Take(Maximum)));
        }
    }

    private FileMemory Memory(string registry, Digest blob) => FileMemory.OfBlob(cache, "repositories with a blob", registry, blob.ToString());
}
