using System.Net.Http.Headers;

namespace OverlayImg.Images.Registries.Transport;

/// <summary>The description of a request. Each attempt sends a new message made from it.</summary>
internal sealed record RegistryRequest(HttpMethod Method, Uri Url)
{
    /// <summary>The accepted media types, in one header line because some servers read only the first line; null for no header.</summary>
    public string? Accept { get; init; }

    /// <summary>The offset of the first requested byte. 0 sends no <c>Range</c> header.</summary>
    public long From { get; init; }

    /// <summary>Makes the body for one attempt; null for no body.</summary>
    public Func<StallWatch, HttpContent>? Body { get; init; }

    /// <summary>Whether the client waits for <c>100 Continue</c> before it sends the body.</summary>
    public bool ExpectsContinue { get; init; }

    public bool HasSecretBody { get; init; }

    /// <summary>The credentials or the token for the server of <see cref="Url"/>. No other server gets them.</summary>
    public AuthenticationHeaderValue? Authorization { get; init; }

    public HttpRequestMessage ToMessage(StallWatch watch)
    {
        var message = new HttpRequestMessage(Method, Url) { Content = Body?.Invoke(watch) };
        if (Accept is not null) message.Headers.TryAddWithoutValidation("Accept", Accept);
        // A digest is computed over the stored bytes, so a content coding must not change them.
        message.Headers.TryAddWithoutValidation("Accept-Encoding", "identity");
        if (From > 0) message.Headers.Range = new(From, null);
        if (ExpectsContinue) message.Headers.ExpectContinue = true;
        message.Headers.Authorization = Authorization;
        return message;
    }
}
