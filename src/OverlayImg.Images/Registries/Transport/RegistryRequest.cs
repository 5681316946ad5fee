using System.Net.Http.Headers;

namespace OverlayImg.Images.Registries.Transport;

/// <summary>A request, as often as it has to be sent.</summary>
/// <param name="Method">What to do.</param>
/// <param name="Url">With what.</param>
internal sealed record RegistryRequest(HttpMethod Method, Uri Url)
{
    /// <summary>The media types that are understood, in one header: some servers read the first alone.</summary>
    public string? Accept { get; init; }

    /// <summary>The first byte that is wanted.</summary>
    public long From { get; init; }

    /// <summary>Makes the body.</summary>
    public Func<StallWatch, HttpContent>? Body { get; init; }

    /// <summary>Whether the body waits until the server wants it.</summary>
    public bool ExpectsContinue { get; init; }

    /// <summary>Whether the body is a secret.</summary>
    public bool HasSecretBody { get; init; }

    /// <summary>The secret for this origin, and for no other.</summary>
    public AuthenticationHeaderValue? Authorization { get; init; }

    /// <summary>The message for one try.</summary>
    public HttpRequestMessage ToMessage(StallWatch watch)
    {
        var message = new HttpRequestMessage(Method, Url) { Content = Body?.Invoke(watch) };
        if (Accept is not null) message.Headers.TryAddWithoutValidation("Accept", Accept);
        // The digest is that of the bytes as they are stored.
        message.Headers.TryAddWithoutValidation("Accept-Encoding", "identity");
        if (From > 0) message.Headers.Range = new(From, null);
        if (ExpectsContinue) message.Headers.ExpectContinue = true;
        message.Headers.Authorization = Authorization;
        return message;
    }
}
