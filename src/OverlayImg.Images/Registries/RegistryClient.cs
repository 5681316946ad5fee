using Microsoft.Win32.SafeHandles;

namespace OverlayImg.Images;

/// <summary>
/// Asks registries for images and gives them some (distribution-spec). Trusts nothing that they say: all that comes is bounded and compared with its digest, and secrets
/// and requests go only where they belong. One for each run; may be used by several threads, of which four at a time talk to a registry.
/// </summary>
/// <remarks>
/// Every method throws <see cref="InputException"/> where a registry lacks what it is asked for, or sends anything else, and <see cref="MachineException"/> where it
/// can't be reached, or does not allow it.
/// </remarks>
public sealed class RegistryClient(RegistryOptions options) : IDisposable
{
    /// <summary>Transfers that are under way with a registry at once.</summary>
    public const int MaximumTransfers = 4;

    /// <summary>Fetches a manifest or an index, by its digest, or by the tag as it is now.</summary>
    public Task<ManifestDocument> GetManifestAsync(RegistryReference image, CancellationToken cancellationToken) => throw new NotImplementedException($"{options}");

    /// <summary>What a manifest is, without fetching it (which Docker Hub would count); null where there is none.</summary>
    public Task<Descriptor?> FindManifestAsync(RegistryReference image, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Fetches a small blob.</summary>
    /// <param name="repository">Where it is; tag and digest do not matter.</param>
    /// <param name="blob">What a manifest says of it.</param>
    /// <param name="maximumLength">A bigger one is refused, in bytes.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<byte[]> ReadBlobAsync(RegistryReference repository, Descriptor blob, int maximumLength, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>Fetches a blob into a file, and goes on where it was when the connection is cut. What is written counts only when the method has returned.</summary>
    /// <param name="repository">Where it is; tag and digest do not matter.</param>
    /// <param name="blob">What a manifest says of it.</param>
    /// <param name="file">An empty file, written from its beginning.</param>
    /// <param name="received">Told of each number of bytes that came; less than none where it had to begin anew.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task DownloadBlobAsync(
        RegistryReference repository, Descriptor blob, SafeFileHandle file, IProgress<int>? received, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>Whether the repository has the blob.</summary>
    public Task<bool> HasBlobAsync(RegistryReference repository, Descriptor blob, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Gives the repository a blob that another repository of the same registry has; false where the registry does not.</summary>
    /// <param name="repository">Where it shall be.</param>
    /// <param name="blob">The blob.</param>
    /// <param name="fromRepository">Where it is, without the registry, such as <c>library/debian</c>.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<bool> TryMountBlobAsync(RegistryReference repository, Descriptor blob, string fromRepository, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>Sends a blob, and goes on where the registry was when the connection is cut.</summary>
    /// <param name="repository">Where it shall be.</param>
    /// <param name="blob">The blob.</param>
    /// <param name="openAt">Opens the blob's bytes from an offset to their end; closed after use.</param>
    /// <param name="sent">Told of each number of bytes that went; less than none where the registry kept less.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task UploadBlobAsync(
        RegistryReference repository, Descriptor blob, Func<long, Stream> openAt, IProgress<int>? sent, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>Names an image, or puts one that is named by its digest, when its blobs are there.</summary>
    /// <param name="image">Its repository, and the tag or the manifest's digest.</param>
    /// <param name="manifest">The manifest or index.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task PutManifestAsync(RegistryReference image, ManifestDocument manifest, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Closes the connections.</summary>
    public void Dispose()
    {
    }
}
