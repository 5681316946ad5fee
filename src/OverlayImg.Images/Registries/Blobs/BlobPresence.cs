using System.Net;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;
using OverlayImg.Images.Registries.Authentication;
using OverlayImg.Images.Registries.Transport;

namespace OverlayImg.Images.Registries.Blobs;

/// <summary>Asks whether a repository has a blob that is to be there.</summary>
internal static class BlobPresence
{
    /// <summary>Whether it does, and of the right size.</summary>
    /// <remarks>A registry that refuses the question is taken to have none: the upload tells whether it is allowed.</remarks>
    public static async Task<bool> IsThereAsync(RegistrySession session, RegistryReference repository, Descriptor blob, CancellationToken cancellationToken)
    {
        var request = await RequestAsync(session, repository, blob, cancellationToken);

        // A repository that is still to be made has nothing to fetch, and some registries allow nobody that; who may send to it may ask.
        using var response = await session.SendAsync(repository, request, [Scope.Push(repository.Repository)], cancellationToken);
        if (response.Status != HttpStatusCode.Unauthorized && !Retrying.IsTransient(response.Status)) return IsSaid(response, blob);
        throw await RegistryErrors.ReadAsync(response, repository, $"the blob {blob.Digest}", cancellationToken);
    }

    /// <summary>The question.</summary>
    public static async Task<RegistryRequest> RequestAsync(
        RegistrySession session, RegistryReference repository, Descriptor blob, CancellationToken cancellationToken) =>
        new(HttpMethod.Head, await session.UrlAsync(repository, $"blobs/{blob.Digest}", cancellationToken));

    /// <summary>Whether an answer says that the blob is there.</summary>
    public static bool IsSaid(RegistryResponse response, Descriptor blob) => response.IsSuccess && (response.Length is null || response.Length == blob.Size);
}
