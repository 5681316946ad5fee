using OverlayImg.Images.Json;

namespace OverlayImg.Images.Registries.Authentication;

/// <summary>A bearer token from a token server.</summary>
/// <param name="value">The secret text of the token.</param>
/// <param name="usableUntil">The time to request another token, some time before this one expires.</param>
internal sealed class Token(string value, DateTimeOffset usableUntil)
{
    private const int MaximumLength = 48 << 10;
    private const long DefaultLifeSeconds = 60;
    private const long LongestLifeSeconds = 24 * 60 * 60;

    public string Value { get; } = value;

    public bool IsUsable(DateTimeOffset now) => now < usableUntil;

    /// <summary>
    /// Reads a token server's JSON response (CNCF Distribution, "Token Authentication Specification"). The token's life
    /// counts from <paramref name="asked"/>, the time of the request.
    /// </summary>
    /// <exception cref="InputException">The response has no token, or the token is not fit for a header.</exception>
    public static Token Read(byte[] body, DateTimeOffset asked, InputLocation where)
    {
        var root = JsonInput.Parse(body, where);
        var value = root.Text("token") is { Length: > 0 } token ? token : root.Text("access_token");
        if (string.IsNullOrEmpty(value)) throw new InputException("sends a response without a token", where);
        if (value.Length > MaximumLength || !value.All(letter => letter is > ' ' and < '\x7f'))
            throw new InputException("sends a token that is not fit for a header", where);
        // Docker's client uses the default life if the server's value is missing or not positive.
        var seconds = root.Optional("expires_in")?.NumberOrNull() is { } said and > 0 ? said : DefaultLifeSeconds;
        return new(value, asked.AddSeconds(Math.Clamp(seconds, 1, LongestLifeSeconds) * 0.75));
    }
}
