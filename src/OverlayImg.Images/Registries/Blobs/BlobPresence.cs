using System.Net;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.References;
using OverlayImg.Images.Registries.Authentication;
using OverlayImg.Images.Registries.Transport;

namespace OverlayImg.Images.Registries.Blobs;

/// <summary>Asks whether a repository has a blob that is about to be uploaded.</summary>
internal static class BlobPresence
{
    /// <summary>Whether the repository has the blob with the right size.</summary>
    /// <remarks>A refusal counts as absence, because the upload that follows fails if the user has no access.</remarks>
    public static async Task<bool> IsThereAsync(
        RegistrySession session, RegistryReference repository, Descriptor blob, CancellationToken cancellationToken)
    {
        var request = await RequestAsync(session, repository, blob, cancellationToken);

        // The push scope is needed, because some registries deny pull access to a repository that does not exist yet.
        using var response = await session.SendAsync(repository, request, [Scope.Push(repository.Repository)], cancellationToken);
        if (response.Status != HttpStatusCode.Unauthorized && !Retrying.IsTransient(response.Status)) return IsConfirmed(response, blob);
        throw await RegistryErrors.ReadAsync(response, repository, $"the blob {blob.Digest}", cancellationToken);
    }

    public static async Task<RegistryRequest> RequestAsync(
        RegistrySession session, RegistryReference repository, Descriptor blob, CancellationToken cancellationToken) =>
        new(HttpMethod.Head, await session.UrlAsync(repository, $"blobs/{blob.Digest}", cancellationToken));

    /// <summary>Whether the response to the HEAD request confirms the blob with the right size.</summary>
    public static bool IsConfirmed(RegistryResponse response, Descriptor blob) =>
        response.IsSuccess && (response.Length is null || response.Length == blob.Size);
}
