using OverlayImg.Images.Json;

namespace OverlayImg.Images.Registries.Authentication;

/// <summary>What a token server gives for a while.</summary>
/// <param name="value">The secret.</param>
/// <param name="usableUntil">When to get another: some time before it expires.</param>
internal sealed class Token(string value, DateTimeOffset usableUntil)
{
    private const int MaximumLength = 48 << 10;
    private const long DefaultLifeSeconds = 60;
    private const long LongestLifeSeconds = 24 * 60 * 60;

    public string Value { get; } = value;

    public bool IsUsable(DateTimeOffset now) => now < usableUntil;

    /// <summary>Reads a token server's answer (distribution, "Token Authentication Specification").</summary>
    /// <param name="body">JSON.</param>
    /// <param name="asked">When it was asked for.</param>
    /// <param name="where">For messages.</param>
    /// <exception cref="InputException">There is no token in it that can be sent.</exception>
    public static Token Read(byte[] body, DateTimeOffset asked, InputLocation where)
    {
        var root = JsonInput.Parse(body, where);
        var value = root.Text("token") is { Length: > 0 } token ? token : root.Text("access_token");
        if (string.IsNullOrEmpty(value)) throw new InputException("answers without a token", where);
        if (value.Length > MaximumLength || !value.All(letter => letter is > ' ' and < '\x7f'))
            throw new InputException("answers with a token that can't be sent", where);
        // Clients take the default where a server says nothing sensible.
        var seconds = root.Optional("expires_in")?.NumberOrNull() is { } said and > 0 ? said : DefaultLifeSeconds;
        return new(value, asked.AddSeconds(Math.Clamp(seconds, 1, LongestLifeSeconds) * 0.75));
    }
}
