using System.Net.Http.Headers;
using OverlayImg.Images.References;
using OverlayImg.Images.Registries.Credentials;
using OverlayImg.Images.Registries.Options;
using OverlayImg.Images.Registries.Transport;

namespace OverlayImg.Images.Registries.Authentication;

/// <summary>Authenticates requests to one registry by the scheme of its challenge, and reuses tokens.</summary>
internal sealed class Authorizer(RegistryOptions options, CredentialSource credentials, TokenServer tokenServer) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1);
    private readonly Dictionary<string, Token> _tokens = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<Scope>> _enlarged = new(StringComparer.Ordinal);
    private (Challenge Challenge, Uri From)? _known;

    /// <summary>The failure of a credential helper, if no credentials were found for the registry; else null.</summary>
    public MachineException? HelperFailure { get; private set; }

    /// <summary>
    /// Returns the header for a request by the registry's last challenge; null if the registry has sent no challenge
    /// yet, or if there are no credentials.
    /// </summary>
    public async Task<AuthenticationHeaderValue?> HeaderAsync(
        RegistryReference image, IReadOnlyList<Scope> scopes, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            return _known is null ? null : await HeaderAsync(image, _enlarged.GetValueOrDefault(Key(scopes), scopes), null, cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>
    /// Returns another header for a request that was refused with the status 401; null if there is no other header.
    /// <paramref name="refused"/> is the refused header. If <paramref name="isFresh"/> is set, the refused token was
    /// requested for this very request, and only a token with more scopes can help.
    /// </summary>
    public async Task<AuthenticationHeaderValue?> AnswerAsync(
        RegistryResponse response, AuthenticationHeaderValue? refused, RegistryReference image, IReadOnlyList<Scope> scopes, bool isFresh,
        CancellationToken cancellationToken)
    {
        var challenges = Challenge.Parse(response.Headers("WWW-Authenticate"));
        var challenge = challenges.FirstOrDefault(one => one.Is("Bearer")) ?? challenges.FirstOrDefault(one => one.Is("Basic"));
        if (challenge is null) return null;
        await _gate.WaitAsync(cancellationToken);
        try
        {
            _known = (challenge, response.Url);
            var before = _enlarged.GetValueOrDefault(Key(scopes), scopes);
            var all = challenge.Parameters.TryGetValue("scope", out var asked) ? Scope.Join(Scope.Parse(asked), before) : before;
            if (isFresh && Key(all) == Key(before)) return null;
            _enlarged[Key(scopes)] = all;
            var header = await HeaderAsync(image, all, refused?.Parameter, cancellationToken);
            return header is null || header.Equals(refused) ? null : header;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private async Task<AuthenticationHeaderValue?> HeaderAsync(
        RegistryReference image, IReadOnlyList<Scope> scopes, string? refused, CancellationToken cancellationToken)
    {
        var (challenge, from) = _known!.Value;
        var (credential, failure) = await credentials.FindAsync(image, cancellationToken);
        if (failure is not null && HelperFailure is null)
            options.Warn?.Invoke($"{failure.Message}: {image.Registry} is accessed without credentials.");
        HelperFailure = failure;
        if (challenge.Is("Basic")) return credential?.ToBasic();
        // A registry token is sent as it is. No token server is asked.
        if (credential?.RegistryToken is { } own && own != refused) return new("Bearer", own);
        var key = Key(scopes);
        if (!_tokens.TryGetValue(key, out var token) || token.Value == refused || !token.IsUsable(options.Environment.Clock.GetUtcNow()))
            _tokens[key] = token = await GetTokenAsync();
        return new("Bearer", token.Value);

        async Task<Token> GetTokenAsync()
        {
            try
            {
                return await tokenServer.GetAsync(challenge, from, image, scopes, credential, cancellationToken);
            }
            catch (NotAllowedException exception) when (failure is not null)
            {
                throw NotAllowedException.ForLackOf(failure, exception.Message);
            }
        }
    }

    private static string Key(IReadOnlyList<Scope> scopes) => string.Join(' ', scopes);
}
