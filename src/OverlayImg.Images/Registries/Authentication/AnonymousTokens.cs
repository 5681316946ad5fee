using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using OverlayImg.Images.References;
using OverlayImg.Images.Registries.Options;
using OverlayImg.Images.Registries.Transport;

namespace OverlayImg.Images.Registries.Authentication;

/// <summary>Tokens for servers that a registry redirects to and that require a token of their own.</summary>
/// <remarks>The tokens are requested without credentials, because the user's credentials belong to the registry.</remarks>
internal sealed class AnonymousTokens(RegistryOptions options, TokenServer tokenServer)
{
    private readonly ConcurrentDictionary<(string Realm, string Scopes), Token> _tokens = new();

    /// <summary>Returns the header <c>Authorization</c> that a response asks for; null if it asks for no bearer token.</summary>
    /// <exception cref="InputException">The registry is not allowed to name the realm, or the realm's response has no token.</exception>
    /// <exception cref="MachineException">The token server can't be reached or denies the token.</exception>
    public async Task<AuthenticationHeaderValue?> AnswerAsync(RegistryResponse response, RegistryReference image, CancellationToken cancellationToken)
    {
        if (response.Status != HttpStatusCode.Unauthorized) return null;
        var challenge = Challenge.Parse(response.Headers("WWW-Authenticate")).FirstOrDefault(one => one.Is("Bearer"));
        if (challenge is null) return null;
        Scope[] scopes = challenge.Parameters.TryGetValue("scope", out var asked) ? [.. Scope.Parse(asked)] : [];
        var realm = $"{response.Url.Authority} {challenge.Parameters.GetValueOrDefault("realm")}";
        var key = (realm, string.Join(' ', scopes.Select(scope => scope.ToString())));
        if (!_tokens.TryGetValue(key, out var token) || !token.IsUsable(options.Environment.Clock.GetUtcNow()))
            _tokens[key] = token = await tokenServer.GetAsync(challenge, response.Url, image, scopes, null, cancellationToken);
        return new("Bearer", token.Value);
    }
}
