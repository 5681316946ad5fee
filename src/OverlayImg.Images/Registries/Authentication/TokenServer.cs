using System.Net;
using OverlayImg.Images.References;
using OverlayImg.Images.Registries.Credentials;
using OverlayImg.Images.Registries.Options;
using OverlayImg.Images.Registries.Transport;

namespace OverlayImg.Images.Registries.Authentication;

/// <summary>Gets tokens where a registry says (distribution, "Token Authentication Specification", "OAuth2 Token Authentication").</summary>
internal sealed class TokenServer(RegistryOptions options, RegistryOrigin origin, Redirects redirects, Retrying retrying)
{
    private const string ClientId = "overlayimg";
    private const int MaximumBody = 1 << 20;
    private int _warned;

    /// <summary>Gets a token.</summary>
    /// <param name="challenge">What the registry said.</param>
    /// <param name="registry">The URL whose answer said it.</param>
    /// <param name="image">For whom, and for messages.</param>
    /// <param name="scopes">What it shall allow; a server that gives less says nothing.</param>
    /// <param name="credential">Who asks; null: nobody in particular.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="InputException">The realm is none that a registry may name, or answers with no token.</exception>
    /// <exception cref="MachineException">It gives none.</exception>
    public async Task<Token> GetAsync(
        Challenge challenge, Uri registry, RegistryReference image, IReadOnlyList<Scope> scopes, Credential? credential, CancellationToken cancellationToken)
    {
        var realm = Realm(challenge, registry);
        if (credential is not null && !MayHearSecrets(realm, registry))
        {
            if (Interlocked.Exchange(ref _warned, 1) == 0) Warn(realm);
            credential = null;
        }

        var asked = options.Environment.Clock.GetUtcNow();
        challenge.Parameters.TryGetValue("service", out var service);
        try
        {
            return await AskAsync(realm, service, scopes, credential, ReadAsync, cancellationToken);
        }
        catch (LostConnectionException lost)
        {
            // It has been asked often enough; whoever sends the request that the token is for must not begin anew.
            throw new MachineException(lost.Message, lost) { Advice = lost.Advice };
        }

        async Task<Token> ReadAsync(RegistryResponse response)
        {
            if (!response.IsSuccess) throw await RefusalAsync(response, image, realm, cancellationToken);
            var body = await response.ReadToEndAsync(MaximumBody, cancellationToken);
            var where = new InputLocation(RegistryHost.NameOf(realm.IdnHost));
            if (body.Length > MaximumBody) throw new InputException($"answers with more than {MaximumBody} bytes in place of a token", where);
            return Token.Read(body, asked, where);
        }
    }

    private void Warn(Uri realm)
    {
        var host = RegistryHost.NameOf(realm.IdnHost);
        options.Warn?.Invoke($"The credentials for {origin.Name} are not sent to {host}: it was named, or would be spoken to, without TLS.");
    }

    private Uri Realm(Challenge challenge, Uri registry)
    {
        if (!challenge.Parameters.TryGetValue("realm", out var text) || ExactUri.Parse(text, isHeader: true) is not { } realm)
            throw new InputException("names no URL to get a token from", new(origin.Name));
        return origin.Check(realm, registry.Scheme == Uri.UriSchemeHttps, "the realm of its tokens");
    }

    // Who can answer in place of a registry without TLS could name a realm of his own. On this machine nobody can, and a registry's own host gets them anyway.
    private bool MayHearSecrets(Uri realm, Uri registry) =>
        realm.Scheme == Uri.UriSchemeHttps
            ? registry.Scheme == Uri.UriSchemeHttps || origin.IsLoopback || origin.IsHost(realm.IdnHost)
            : origin.IsHost(realm.IdnHost) || Addresses.KindOf(realm.IdnHost) == AddressKind.Loopback;

    private async Task<Token> AskAsync(Uri realm, string? service, IReadOnlyList<Scope> scopes, Credential? credential, Func<RegistryResponse, Task<Token>> readAsync,
        CancellationToken cancellationToken)
    {
        if (credential?.IdentityToken is { } identity
            && await SendAsync<Token?>(Exchange(realm, service, scopes, identity), async response => DoesNotExchange(response) ? null : await readAsync(response), cancellationToken) is { } token)
            return token;

        var query = string.Join('&', Fields(service).Concat(scopes.Select(scope => ("scope", scope.ToString()))).Select(Escape));
        return await SendAsync(new(HttpMethod.Get, ExactUri.Add(realm, query)) { Authorization = credential?.ToBasic() }, readAsync, cancellationToken);
    }

    private Task<T> SendAsync<T>(RegistryRequest request, Func<RegistryResponse, Task<T>> readAsync, CancellationToken cancellationToken) =>
        retrying.SendAsync(() => redirects.SendAsync(request, cancellationToken), async response =>
        {
            using (response) return await readAsync(response);
        }, cancellationToken);

    // JFrog's Artifactory says 401, Azure's registry 400, as if it were the identity token that is wrong; then the other way tells.
    private static bool DoesNotExchange(RegistryResponse response) =>
        response.Status is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed or HttpStatusCode.Unauthorized or HttpStatusCode.BadRequest;

    private static RegistryRequest Exchange(Uri realm, string? service, IReadOnlyList<Scope> scopes, string identity)
    {
        KeyValuePair<string, string>[] form =
        [
            new("grant_type", "refresh_token"), .. Fields(service).Select(field => new KeyValuePair<string, string>(field.Name, field.Value)),
            new("scope", string.Join(' ', scopes)), new("refresh_token", identity),
        ];
        return new(HttpMethod.Post, realm) { Body = _ => new FormUrlEncodedContent(form), HasSecretBody = true };
    }

    private static IEnumerable<(string Name, string Value)> Fields(string? service) =>
        string.IsNullOrEmpty(service) ? [("client_id", ClientId)] : [("service", service), ("client_id", ClientId)];

    private static string Escape((string Name, string Value) field) => $"{field.Name}={Uri.EscapeDataString(field.Value)}";

    private static async Task<OverlayImgException> RefusalAsync(RegistryResponse response, RegistryReference image, Uri realm, CancellationToken cancellationToken)
    {
        var what = $"a token from {RegistryHost.NameOf(realm.IdnHost)}";
        return response.Status is HttpStatusCode.TooManyRequests || Retrying.IsTransient(response.Status)
            ? await RegistryErrors.ReadAsync(response, image, what, cancellationToken)
            : RegistryErrors.NotAllowed(image, what, await RegistryErrors.DetailAsync(response, cancellationToken));
    }
}
