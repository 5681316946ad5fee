using OverlayImg.Caching;
using OverlayImg.Images.Digests;
using OverlayImg.Images.References;

namespace OverlayImg.Images.Remote;

/// <summary>
/// Which repositories of a registry had a blob when they were last asked: it may be mounted from there into another one. Nothing is wrong where one has it no more.
/// </summary>
internal sealed class BlobPlaces(Cache cache)
{
    private const int Maximum = 3;
    private readonly Lock _lock = new();

    /// <summary>The repositories, the one that was seen last first; without the registry, such as <c>library/debian</c>.</summary>
    public IReadOnlyList<string> Of(string registry, Digest blob) => Memory(registry, blob).Recall()?.Split('\n') ?? [];

    /// <summary>Notes that a repository has the blob.</summary>
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
