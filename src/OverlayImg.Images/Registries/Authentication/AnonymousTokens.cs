using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using OverlayImg.Images.References;
using OverlayImg.Images.Registries.Options;
using OverlayImg.Images.Registries.Transport;

namespace OverlayImg.Images.Registries.Authentication;

/// <summary>Tokens for servers that a registry redirects to and that ask for a token of their own.</summary>
/// <remarks>The tokens are asked for without credentials: those are the registry's.</remarks>
internal sealed class AnonymousTokens(RegistryOptions options, TokenServer tokenServer)
{
    private readonly ConcurrentDictionary<(string Realm, string Scopes), Token> _tokens = new();

    /// <summary>The header for a server that refused a request without a token; null where the server asks for something else.</summary>
    /// <param name="response">The answer of the server.</param>
    /// <param name="image">The image that the request is for.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="InputException">The realm is no URL that a registry may name, or gives no token.</exception>
    /// <exception cref="MachineException">The token server can't be reached, or does not allow it.</exception>
    public async Task<AuthenticationHeaderValue?> AnswerAsync(RegistryResponse response, RegistryReference image, CancellationToken cancellationToken)
    {
        if (response.Status != HttpStatusCode.Unauthorized) return null;
        var challenge = Challenge.Parse(response.Headers("WWW-Authenticate")).FirstOrDefault(one => one.Is("Bearer"));
        if (challenge is null) return null;
        Scope[] scopes = challenge.Parameters.TryGetValue("scope", out var asked) ? [.. Scope.Parse(asked)] : [];
        var key = ($"{response.Url.Authority} {challenge.Parameters.GetValueOrDefault("realm")}", string.Join(' ', scopes.Select(scope => scope.ToString())));
        if (!_tokens.TryGetValue(key, out var token) || !token.IsUsable(options.Environment.Clock.GetUtcNow()))
            _tokens[key] = token = await tokenServer.GetAsync(challenge, response.Url, image, scopes, null, cancellationToken);
        return new("Bearer", token.Value);
    }
}
