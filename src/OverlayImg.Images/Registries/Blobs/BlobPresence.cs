using System.Net;

namespace OverlayImg.Images;

/// <summary>Asks whether a repository has a blob that is to be there.</summary>
internal static class BlobPresence
{
    /// <summary>Whether it does, and of the right size.</summary>
    public static async Task<bool> IsThereAsync(RegistrySession session, RegistryReference repository, Descriptor blob, CancellationToken cancellationToken)
    {
        var url = await session.UrlAsync(repository, $"blobs/{blob.Digest}", cancellationToken);

        // A repository that is still to be made has nothing to fetch, and some registries allow nobody that; who may send to it may ask.
        using var response = await session.SendAsync(repository, new(HttpMethod.Head, url), [Scope.Push(repository.Repository)], cancellationToken);
        if (response.Status == HttpStatusCode.NotFound) return false;
        if (!response.IsSuccess) throw await Refusals.ReadAsync(response, repository, $"the blob {blob.Digest}", cancellationToken);
        return response.Length is null || response.Length == blob.Size;
    }
}
