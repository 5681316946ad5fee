using System.Globalization;
using System.Net;
using System.Text;
using OverlayImg.Images.Json;
using OverlayImg.Images.References;

namespace OverlayImg.Images.Registries.Transport;

/// <summary>The errors for the answers of a registry that are no success. Each is one sentence.</summary>
internal static class RegistryErrors
{
    private const int MaximumBody = 64 << 10;
    private const int MaximumDetail = 300;
    private static readonly string[] MediaTypeErrors = ["MANIFEST_INVALID", "UNSUPPORTED", "media type", "mediatype"];

    /// <summary>The error for an answer that is no success.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="image">What it is about.</param>
    /// <param name="what">What was asked for, such as <c>the blob sha256:...</c>.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<OverlayImgException> ReadAsync(RegistryResponse response, RegistryReference image, string what, CancellationToken cancellationToken)
    {
        var detail = await DetailAsync(response, cancellationToken);
        var where = new InputLocation(image.ToString());
        return response.Status switch
        {
            HttpStatusCode.NotFound => new InputException($"{what} is not there ({detail})", where),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden when response.HelperFailure is { } failure =>
                NotAllowedException.ForLackOf(failure, NotAllowed(image, what, detail).Message),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => NotAllowed(image, what, detail),
            HttpStatusCode.TooManyRequests => RateLimited(response, image),
            _ when Retrying.IsTransient(response.Status) => new MachineException($"{image.Registry} can't serve {what} now ({detail})") { Advice = "Try again later." },
            _ => new InputException($"{what} is refused ({detail})", where),
        };
    }

    /// <summary>Whether a refusal of a manifest says, or may mean, that the registry does not take its media type (distribution-spec, "Error Codes").</summary>
    /// <param name="status">The status of the answer.</param>
    /// <param name="detail">What the server says of it.</param>
    public static bool IsAboutMediaType(HttpStatusCode status, string detail) => status switch
    {
        HttpStatusCode.UnsupportedMediaType => true,
        HttpStatusCode.BadRequest or HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotAcceptable or HttpStatusCode.UnprocessableEntity =>
            MediaTypeErrors.Any(error => detail.Contains(error, StringComparison.OrdinalIgnoreCase)),
        _ => false,
    };

    /// <summary>The error for a request that the registry does not allow.</summary>
    public static NotAllowedException NotAllowed(RegistryReference image, string what, string detail) =>
        new($"Not allowed at {image.Name}: {what} ({detail})")
        {
            Advice = $"Check the name, and log in by '{Login(image)}' if it is not for everybody.",
        };

    /// <summary>What a server says of its refusal, fit for a message: the first of its errors (distribution-spec, "Error Codes"), and the status.</summary>
    public static async Task<string> DetailAsync(RegistryResponse response, CancellationToken cancellationToken)
    {
        var status = string.Create(CultureInfo.InvariantCulture, $"{(int)response.Status}");
        try
        {
            var body = await response.ReadToEndAsync(MaximumBody, cancellationToken);
            return body.Length <= MaximumBody && FirstError(body) is { Length: > 0 } error && !response.MayEcho(error) ? $"{status}, {Brief(error)}" : status;
        }
        catch (LostConnectionException)
        {
            // The status alone says enough.
            return status;
        }
    }

    // As it came: only so a secret in it is found.
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
            // Not every server's errors are JSON.
            return null;
        }
    }

    /// <summary>Text from a server, cut to what fits in a sentence.</summary>
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
        return new($"{image.Registry} limits how often it may be asked{numbers}")
        {
            Advice = $"{wait}, or log in by '{Login(image)}': who is known may ask more often.",
        };
    }

    // "100;w=21600": so many in so many seconds.
    private static (string Count, string Window)? Quota(string? header)
    {
        var parts = header?.Split(';', StringSplitOptions.TrimEntries) ?? [];
        if (parts.Length == 0 || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var count)) return null;
        var window = parts.FirstOrDefault(part => part.StartsWith("w=", StringComparison.Ordinal))?[2..];
        var hours = int.TryParse(window, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds / 3600.0 : 0;
        return (count.ToString(CultureInfo.InvariantCulture), hours > 0 ? string.Create(CultureInfo.InvariantCulture, $" for each {hours:0.##} hours") : "");
    }

    private static string Login(RegistryReference image) => image.Registry == RegistryHost.DockerHub ? "docker login" : $"docker login {image.Registry}";
}
