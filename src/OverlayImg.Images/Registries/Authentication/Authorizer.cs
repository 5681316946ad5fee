using System.Net.Http.Headers;
using OverlayImg.Images.References;
using OverlayImg.Images.Registries.Credentials;
using OverlayImg.Images.Registries.Options;
using OverlayImg.Images.Registries.Transport;

namespace OverlayImg.Images.Registries.Authentication;

/// <summary>Shows a registry who asks, in the way that it wants, with what has been got before where that still holds.</summary>
internal sealed class Authorizer(RegistryOptions options, CredentialSource credentials, TokenServer tokenServer) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1);
    private readonly Dictionary<string, Token> _tokens = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<Scope>> _enlarged = new(StringComparer.Ordinal);
    private (Challenge Challenge, Uri From)? _known;

    /// <summary>Why a credential helper could not be asked where nothing else has credentials for the registry; null where that is not so.</summary>
    public MachineException? HelperFailure { get; private set; }

    /// <summary>What to send along, going by the last challenge; null where there was none yet, or where nothing is known to send.</summary>
    public async Task<AuthenticationHeaderValue?> HeaderAsync(RegistryReference image, IReadOnlyList<Scope> scopes, CancellationToken cancellationToken)
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

    /// <summary>What to send along after an answer that asked for it; null where there is nothing, or nothing else than what was sent.</summary>
    /// <param name="response">An answer with the status 401.</param>
    /// <param name="refused">What was sent.</param>
    /// <param name="image">What it was sent for.</param>
    /// <param name="scopes">What is to be done.</param>
    /// <param name="isFresh">Whether what was sent was got for this very request: then only a token for more is worth a try.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<AuthenticationHeaderValue?> AnswerAsync(RegistryResponse response, AuthenticationHeaderValue? refused, RegistryReference image,
        IReadOnlyList<Scope> scopes, bool isFresh, CancellationToken cancellationToken)
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
        if (failure is not null && HelperFailure is null) options.Warn?.Invoke($"{failure.Message}: {image.Registry} is asked without credentials.");
        HelperFailure = failure;
        if (challenge.Is("Basic")) return credential?.ToBasic();
        // The registry takes this token itself: no server has to give another one.
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
