using System.Net;
using OverlayImg.Images.References;
using OverlayImg.Images.Registries.Credentials;
using OverlayImg.Images.Registries.Options;
using OverlayImg.Images.Registries.Transport;

namespace OverlayImg.Images.Registries.Authentication;

/// <summary>
/// Requests tokens from the server that a registry's challenge names (CNCF Distribution, "Token Authentication
/// Specification" and "OAuth2 Token Authentication").
/// </summary>
internal sealed class TokenServer(RegistryOptions options, RegistryOrigin origin, Redirects redirects, Retrying retrying)
{
    private const string ClientId = "overlayimg";
    private const int MaximumBody = 1 << 20;
    private int _warned;

    /// <summary>
    /// Requests a token. <paramref name="registry"/> is the URL whose response had the challenge. A null
    /// <paramref name="credential"/> requests an anonymous token. The token may grant less than
    /// <paramref name="scopes"/>, because the server does not report what it denies.
    /// </summary>
    /// <exception cref="InputException">The registry is not allowed to name the realm, or the realm's response has no token.</exception>
    /// <exception cref="MachineException">The token server can't be reached or denies the token.</exception>
    public async Task<Token> GetAsync(
        Challenge challenge, Uri registry, RegistryReference image, IReadOnlyList<Scope> scopes, Credential? credential,
        CancellationToken cancellationToken)
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
            // The attempts are used up. The exception must not cause a retry of the request that needs the token, which
            // would multiply the attempts.
            throw new MachineException(lost.Message, lost) { Advice = lost.Advice };
        }

        async Task<Token> ReadAsync(RegistryResponse response)
        {
            if (!response.IsSuccess) throw await RefusalAsync(response, image, realm, cancellationToken);
            var body = await response.ReadToEndAsync(MaximumBody, cancellationToken);
            var where = new InputLocation(RegistryHost.NameOf(realm.IdnHost));
            if (body.Length > MaximumBody) throw new InputException($"sends more than {MaximumBody} bytes instead of a token", where);
            return Token.Read(body, asked, where);
        }
    }

    private void Warn(Uri realm)
    {
        var host = RegistryHost.NameOf(realm.IdnHost);
        options.Warn?.Invoke(
            $"The credentials for {origin.Name} are not sent to the token server {host}, which was named or would be accessed without TLS.");
    }

    private Uri Realm(Challenge challenge, Uri registry)
    {
        if (!challenge.Parameters.TryGetValue("realm", out var text) || ExactUri.Parse(text, isHeader: true) is not { } realm)
            throw new InputException("names no valid URL of a token server", new(origin.Name));
        return origin.Check(realm, registry.Scheme == Uri.UriSchemeHttps, "its token realm");
    }

    // An attacker who impersonates a registry without TLS could name his own realm to get the credentials. Nobody can
    // impersonate a loopback address, and the registry's own host gets the credentials anyway.
    private bool MayHearSecrets(Uri realm, Uri registry) =>
        realm.Scheme == Uri.UriSchemeHttps
            ? registry.Scheme == Uri.UriSchemeHttps || origin.IsLoopback || origin.IsHost(realm.IdnHost)
            : origin.IsHost(realm.IdnHost) || Addresses.KindOf(realm.IdnHost) == AddressKind.Loopback;

    private async Task<Token> AskAsync(
        Uri realm, string? service, IReadOnlyList<Scope> scopes, Credential? credential, Func<RegistryResponse, Task<Token>> readAsync,
        CancellationToken cancellationToken)
    {
        if (credential?.IdentityToken is { } identity
            && await SendAsync(Exchange(realm, service, scopes, identity), ReadExchangedAsync, cancellationToken) is { } token)
            return token;

        var query = string.Join('&', Fields(service).Concat(scopes.Select(scope => ("scope", scope.ToString()))).Select(Escape));
        var request = new RegistryRequest(HttpMethod.Get, ExactUri.Add(realm, query)) { Authorization = credential?.ToBasic() };
        return await SendAsync(request, readAsync, cancellationToken);

        async Task<Token?> ReadExchangedAsync(RegistryResponse response) => DoesNotExchange(response) ? null : await readAsync(response);
    }

    private Task<T> SendAsync<T>(RegistryRequest request, Func<RegistryResponse, Task<T>> readAsync, CancellationToken cancellationToken) =>
        retrying.SendAsync(() => redirects.SendAsync(request, cancellationToken), async response =>
        {
            using (response) return await readAsync(response);
        }, cancellationToken);

    // For an unsupported exchange, JFrog Artifactory responds 401 and Azure's registry 400, as for a wrong identity
    // token. The GET that follows shows which.
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

    private static async Task<OverlayImgException> RefusalAsync(
        RegistryResponse response, RegistryReference image, Uri realm, CancellationToken cancellationToken)
    {
        var what = $"a token from {RegistryHost.NameOf(realm.IdnHost)}";
        return response.Status is HttpStatusCode.TooManyRequests || Retrying.IsTransient(response.Status)
            ? await RegistryErrors.ReadAsync(response, image, what, cancellationToken)
            : RegistryErrors.NotAllowed(image, what, await RegistryErrors.DetailAsync(response, cancellationToken));
    }
}
