using System.Net;

namespace OverlayImg.Images.Registries.Transport;

/// <summary>
/// Follows redirects. HttpClient's own redirects are off, because each target must be checked: a secret goes only to
/// its own server, and a public server must not redirect to an address of this machine or its network.
/// </summary>
internal sealed class Redirects(RegistryWire wire, RegistryOrigin origin)
{
    private const int MaximumHops = 10;

    /// <summary>Sends a request and follows its redirects.</summary>
    /// <exception cref="InputException">The target of a redirect is not allowed, or there are too many redirects.</exception>
    public async Task<RegistryResponse> SendAsync(RegistryRequest request, CancellationToken cancellationToken)
    {
        for (var hop = 0; hop <= MaximumHops; hop++)
        {
            var response = await wire.SendAsync(request, cancellationToken);
            if (response.Status == HttpStatusCode.ExpectationFailed && request.ExpectsContinue)
            {
                // The server or a proxy does not support "Expect: 100-continue" (RFC 9110, 10.1.1).
                response.Dispose();
                request = request with { ExpectsContinue = false };
                response = await wire.SendAsync(request, cancellationToken);
            }

            if (!IsRedirect(request.Method, response.Status) || response.Header("Location") is not { } location) return response;
            using (response)
            {
                var url = origin.Resolve(location, request.Url, "a redirect");
                var isSame = RegistryOrigin.IsSame(request.Url, url);
                if (!isSame && request.HasSecretBody) throw new InputException("redirects a secret to another server", new(origin.Name));
                request = request with { Url = url, Authorization = isSame ? request.Authorization : null };
            }
        }

        throw new InputException($"redirects more than {MaximumHops} times", new(origin.Name));
    }

    // Requests that change something are redirected only by the status codes that keep the method (RFC 9110, 15.4). The
    // others would turn them into GET.
    private static bool IsRedirect(HttpMethod method, HttpStatusCode status) => status switch
    {
        HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect => true,
        HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther => method == HttpMethod.Get || method == HttpMethod.Head,
        _ => false,
    };
}
