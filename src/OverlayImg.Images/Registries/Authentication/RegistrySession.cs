using System.Net;
using System.Net.Http.Headers;
using OverlayImg.Images.References;
using OverlayImg.Images.Registries.Credentials;
using OverlayImg.Images.Registries.Options;
using OverlayImg.Images.Registries.Transport;

namespace OverlayImg.Images.Registries.Authentication;

/// <summary>The state of a run's communication with one registry: connections, tokens, transfer slots, and whether TLS is used.</summary>
internal sealed class RegistrySession : IDisposable
{
    private readonly bool _mayBePlain;
    private readonly RegistryWire _wire;
    private readonly Redirects _redirects;
    private readonly Authorizer _authorizer;
    private readonly AnonymousTokens _anonymousTokens;
    private readonly SemaphoreSlim _transfers = new(RegistryLimits.MaximumTransfers);
    private readonly SemaphoreSlim _probing = new(1);
    private bool? _isPlain;

    public RegistrySession(RegistryOptions options, RegistryReference image, CredentialSource credentials)
    {
        _mayBePlain = options.PlainHttp.Contains(image.Registry);
        Origin = new(image.Registry, RegistryHost.Of(image));
        Retrying = new(options);
        _wire = new(options, Origin, options.Environment.AuthoritiesFor(image.Registry));
        _redirects = new(_wire, Origin);
        var tokenServer = new TokenServer(options, Origin, _redirects, Retrying);
        _authorizer = new(options, credentials, tokenServer);
        _anonymousTokens = new(options, tokenServer);
    }

    /// <summary>The rules for URLs that the registry names.</summary>
    public RegistryOrigin Origin { get; }

    /// <summary>The retry policy for requests.</summary>
    public Retrying Retrying { get; }

    /// <summary>Waits for a free transfer slot. Disposing of the result frees the slot.</summary>
    public async Task<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        await _transfers.WaitAsync(cancellationToken);
        return new Slot(_transfers);
    }

    /// <summary>Returns the URL of an endpoint of the repository (OCI Distribution Specification, "Endpoints").</summary>
    public async Task<Uri> UrlAsync(RegistryReference repository, string rest, CancellationToken cancellationToken) =>
        Origin.Url(await IsPlainAsync(cancellationToken), $"/v2/{repository.Repository}/{rest}");

    /// <summary>Sends a request, and retries after transient failures.</summary>
    public Task<RegistryResponse> SendAsync(
        RegistryReference image, RegistryRequest request, IReadOnlyList<Scope> scopes, CancellationToken cancellationToken) =>
        Retrying.SendAsync(() => SendOnceAsync(image, request, scopes, cancellationToken), cancellationToken);

    /// <summary>Sends a request and reads its response. An attempt includes both, and a failure of either is retried.</summary>
    public Task<T> SendAsync<T>(
        RegistryReference image, RegistryRequest request, IReadOnlyList<Scope> scopes, Func<RegistryResponse, Task<T>> readAsync,
        CancellationToken cancellationToken) =>
        Retrying.SendAsync(() => SendOnceAsync(image, request, scopes, cancellationToken), readAsync, cancellationToken);

    /// <summary>Sends a request once, with authentication if the registry asks for it.</summary>
    public async Task<RegistryResponse> SendOnceAsync(
        RegistryReference image, RegistryRequest request, IReadOnlyList<Scope> scopes, CancellationToken cancellationToken)
    {
        var home = Origin.Url(await IsPlainAsync(cancellationToken), "/");
        if (!RegistryOrigin.IsSame(home, request.Url)) return await SendElsewhereAsync(image, request, cancellationToken);
        var header = await _authorizer.HeaderAsync(image, scopes, cancellationToken);
        for (var round = 0; ; round++)
        {
            var response = await _redirects.SendAsync(request with { Authorization = header }, cancellationToken);
            var isOwn = RegistryOrigin.IsSame(home, response.Url);
            if (!isOwn) return await AnswerElsewhereAsync(image, request, response, cancellationToken);
            var next = response.Status == HttpStatusCode.Unauthorized && round < 2 ? await AnswerAsync(response, round > 0) : null;
            if (next is null)
            {
                response.HelperFailure = _authorizer.HelperFailure;
                return response;
            }

            response.Dispose();
            header = next;
        }

        async Task<AuthenticationHeaderValue?> AnswerAsync(RegistryResponse response, bool isFresh)
        {
            try
            {
                return await _authorizer.AnswerAsync(response, header, image, scopes, isFresh, cancellationToken);
            }
            catch
            {
                response.Dispose();
                throw;
            }
        }
    }

    /// <summary>Sends a request to another server that the registry named, without the registry's credentials and tokens.</summary>
    public async Task<RegistryResponse> SendElsewhereAsync(RegistryReference image, RegistryRequest request, CancellationToken cancellationToken)
    {
        var response = await _redirects.SendAsync(request with { Authorization = null }, cancellationToken);
        return await AnswerElsewhereAsync(image, request, response, cancellationToken);
    }

    public void Dispose()
    {
        _wire.Dispose();
        _authorizer.Dispose();
        _transfers.Dispose();
        _probing.Dispose();
    }

    // The target of a redirect may be another registry, which requires its own token.
    private async Task<RegistryResponse> AnswerElsewhereAsync(
        RegistryReference image, RegistryRequest request, RegistryResponse response, CancellationToken cancellationToken)
    {
        AuthenticationHeaderValue? header;
        try
        {
            header = await _anonymousTokens.AnswerAsync(response, image, cancellationToken);
            if (header is null) return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }

        response.Dispose();
        return await _redirects.SendAsync(request with { Url = response.Url, Authorization = header }, cancellationToken);
    }

    private async Task<bool> IsPlainAsync(CancellationToken cancellationToken)
    {
        if (_isPlain is { } known) return known;
        await _probing.WaitAsync(cancellationToken);
        try
        {
            return _isPlain ??= _mayBePlain || (Origin.IsLoopback && !await SpeaksTlsAsync(cancellationToken));
        }
        finally
        {
            _probing.Release();
        }
    }

    // A server that shows a certificate uses TLS. An invalid certificate must not lead to a fallback to plain HTTP.
    private async Task<bool> SpeaksTlsAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _wire.SendAsync(new(HttpMethod.Get, Origin.Url(plain: false, "/v2/")), cancellationToken);
            return true;
        }
        catch (OverlayImgException)
        {
            return _wire.SawCertificate;
        }
    }

    private sealed class Slot(SemaphoreSlim transfers) : IDisposable
    {
        public void Dispose() => transfers.Release();
    }
}
