using System.Globalization;
using System.Net;
using System.Text;
using OverlayImg.Images.Json;
using OverlayImg.Images.References;

namespace OverlayImg.Images.Registries.Transport;

/// <summary>Makes exceptions from error responses of a registry. Each message is one sentence.</summary>
internal static class RegistryErrors
{
    private const int MaximumBody = 64 << 10;
    private const int MaximumDetail = 300;
    private static readonly string[] MediaTypeErrors = ["MANIFEST_INVALID", "UNSUPPORTED", "media type", "mediatype"];

    /// <summary>Reads an error response. <paramref name="what"/> names the requested content in messages, such as <c>the manifest</c>.</summary>
    public static async Task<OverlayImgException> ReadAsync(
        RegistryResponse response, RegistryReference image, string what, CancellationToken cancellationToken)
    {
        var detail = await DetailAsync(response, cancellationToken);
        var where = new InputLocation(image.ToString());
        return response.Status switch
        {
            HttpStatusCode.NotFound => new InputException($"{what} does not exist ({detail})", where),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden when response.HelperFailure is { } failure =>
                NotAllowedException.ForLackOf(failure, NotAllowed(image, what, detail).Message),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => NotAllowed(image, what, detail),
            HttpStatusCode.TooManyRequests => RateLimited(response, image),
            _ when Retrying.IsTransient(response.Status) =>
                new MachineException($"{image.Registry} can't serve {what} now ({detail})") { Advice = "Try again later." },
            _ => new InputException($"{what} is refused ({detail})", where),
        };
    }

    /// <summary>
    /// Whether a registry refused a manifest because of its media type, or may have done so (OCI Distribution
    /// Specification, "Error Codes"). <paramref name="detail"/> is the server's error text.
    /// </summary>
    public static bool IsAboutMediaType(HttpStatusCode status, string detail) => status switch
    {
        HttpStatusCode.UnsupportedMediaType => true,
        HttpStatusCode.BadRequest or HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotAcceptable or HttpStatusCode.UnprocessableEntity =>
            MediaTypeErrors.Any(error => detail.Contains(error, StringComparison.OrdinalIgnoreCase)),
        _ => false,
    };

    public static NotAllowedException NotAllowed(RegistryReference image, string what, string detail) =>
        new($"Not allowed at {image.Name}: {what} ({detail})")
        {
            Advice = $"Check the name, and log in with '{Login(image)}' if the repository is not public.",
        };

    /// <summary>
    /// Returns the status of an error response and the first error in its body (OCI Distribution Specification, "Error
    /// Codes"), printable and without secrets.
    /// </summary>
    public static async Task<string> DetailAsync(RegistryResponse response, CancellationToken cancellationToken)
    {
        var status = string.Create(CultureInfo.InvariantCulture, $"{(int)response.Status}");
        try
        {
            var body = await response.ReadToEndAsync(MaximumBody, cancellationToken);
            return body.Length <= MaximumBody && FirstError(body) is { Length: > 0 } error && !response.MayEcho(error)
                ? $"{status}, {Brief(error)}" : status;
        }
        catch (LostConnectionException)
        {
            return status;
        }
    }

    // The text is neither cut nor escaped yet, because the search for secrets needs the original text.
    private static string? FirstError(byte[] body)
    {
        try
        {
            var root = JsonInput.Parse(body, default);
            if (!root.IsObject || !root.Has("errors") || root.Items("errors") is not [var first, ..]) return null;
            return string.Join(": ", new[] { first.Text("code"), first.Text("message") }.Where(part => !string.IsNullOrEmpty(part)));
        }
        catch (InputException)
        {
            // Some servers and proxies send errors that are not JSON.
            return null;
        }
    }

    private static string Brief(string text)
    {
        var cut = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (cut.Length >= MaximumDetail) return JsonInput.Printable(cut.ToString()) + "...";
            cut.Append(rune.ToString());
        }

        return JsonInput.Printable(cut.ToString());
    }

    private static MachineException RateLimited(RegistryResponse response, RegistryReference image)
    {
        var limit = Quota(response.Header("ratelimit-limit"));
        var remaining = Quota(response.Header("ratelimit-remaining"));
        var numbers = limit is null ? "" : $": {remaining?.Count ?? "0"} of {limit.Value.Count} requests are left{limit.Value.Window}";
        var wait = Retrying.RetryAfter(response.Header("Retry-After"), DateTimeOffset.UtcNow) is { TotalSeconds: > 0 } delay
            ? string.Create(CultureInfo.InvariantCulture, $"Wait {Math.Ceiling(delay.TotalSeconds)} s") : "Wait";
        return new($"{image.Registry} limits the number of requests{numbers}")
        {
            Advice = $"{wait}, or log in with '{Login(image)}': the limit for logged-in users is higher.",
        };
    }

    // "100;w=21600" means 100 requests in 21,600 seconds.
    private static (string Count, string Window)? Quota(string? header)
    {
        var parts = header?.Split(';', StringSplitOptions.TrimEntries) ?? [];
        if (parts.Length == 0 || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var count)) return null;
        var window = parts.FirstOrDefault(part => part.StartsWith("w=", StringComparison.Ordinal))?[2..];
        var hours = int.TryParse(window, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds / 3600.0 : 0;
        var perHours = hours > 0 ? string.Create(CultureInfo.InvariantCulture, $" for each {hours:0.##} hours") : "";
        return (count.ToString(CultureInfo.InvariantCulture), perHours);
    }

    private static string Login(RegistryReference image) =>
        image.Registry == RegistryHost.DockerHub ? "docker login" : $"docker login {image.Registry}";
}
