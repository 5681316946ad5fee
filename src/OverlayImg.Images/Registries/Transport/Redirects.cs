using System.Net;

namespace OverlayImg.Images.Registries.Transport;

/// <summary>
/// Sends requests where servers say that they belong, by hand: secrets stay with the server that they are for, and nobody leads us to where he can't go himself.
/// </summary>
internal sealed class Redirects(RegistryWire wire, RegistryOrigin origin)
{
    private const int MaximumHops = 10;

    /// <summary>Sends a request, and again wherever it is redirected to.</summary>
    /// <exception cref="InputException">A redirect leads where it must not, or there are too many.</exception>
    public async Task<RegistryResponse> SendAsync(RegistryRequest request, CancellationToken cancellationToken)
    {
        for (var hop = 0; hop <= MaximumHops; hop++)
        {
            var response = await wire.SendAsync(request, cancellationToken);
            if (response.Status == HttpStatusCode.ExpectationFailed && request.ExpectsContinue)
            {
                // The server, or a proxy before it, knows no expectations (RFC 9110, 10.1.1).
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

    // What changes something is sent again only to who is to get the same (RFC 9110, 15.4): others would make a GET of it.
    private static bool IsRedirect(HttpMethod method, HttpStatusCode status) => status switch
    {
        HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect => true,
        HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther => method == HttpMethod.Get || method == HttpMethod.Head,
        _ => false,
    };
}
