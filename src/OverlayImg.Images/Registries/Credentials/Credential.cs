using System.Net.Http.Headers;
using System.Text;
using OverlayImg.Images.Json;

namespace OverlayImg.Images.Registries.Credentials;

/// <summary>Who a user is to a registry. A class, not a record: nothing prints its secrets.</summary>
/// <param name="username">The name; empty with a token alone.</param>
/// <param name="password">The password; empty with a token alone.</param>
/// <param name="identityToken">What is changed for a token (OAuth2's refresh token); null where there is none.</param>
internal sealed class Credential(string username, string password, string? identityToken = null)
{
    /// <summary>The name of a user that says that the password is an identity token.</summary>
    public const string TokenUser = "<token>";

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    // The encoding of name and password in the file: the server gets the same bytes.
    private Encoding _encoding = StrictUtf8;

    public string Username { get; } = username;

    public string Password { get; } = password;

    public string? IdentityToken { get; } = identityToken;

    /// <summary>A token that the registry itself takes (docker's <c>registrytoken</c>); null where there is none.</summary>
    public string? RegistryToken { get; private init; }

    /// <summary>Name and secret, as a name and a password or as an identity token; null where they say nothing.</summary>
    public static Credential? Of(string username, string secret) =>
        username.Length == 0 && secret.Length == 0 ? null : username == TokenUser ? new("", "", secret) : new(username, secret);

    /// <summary>Reads an entry of a file with credentials; null where the entry has none.</summary>
    /// <exception cref="InputException">A value has the wrong type, or <c>auth</c> is no pair.</exception>
    /// <exception cref="FormatException"><c>auth</c> is not base64.</exception>
    public static Credential? Read(JsonInput entry)
    {
        var (username, password) = (TextOf(entry, "username") ?? "", TextOf(entry, "password") ?? "");
        var (identity, token) = (TextOf(entry, "identitytoken"), TextOf(entry, "registrytoken"));
        var encoding = (Encoding)StrictUtf8;
        if (TextOf(entry, "auth") is { } auth)
        {
            var bytes = Convert.FromBase64String(auth);
            if (!System.Text.Unicode.Utf8.IsValid(bytes)) encoding = Encoding.Latin1;
            var pair = encoding.GetString(bytes);
            var colon = pair.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0) throw entry.Wrong("has no colon");
            (username, password) = (pair[..colon], pair[(colon + 1)..].Trim('\0'));
        }

        if (username == TokenUser) (username, password, identity) = ("", identity is null ? "" : password, identity ?? password);
        var isEmpty = username.Length == 0 && password.Length == 0 && string.IsNullOrEmpty(identity) && token is null;
        return isEmpty ? null : new(username, password, identity) { RegistryToken = token, _encoding = encoding };
    }

    /// <summary>What must not be shown of a header that was sent.</summary>
    public static IEnumerable<string> SecretsOf(AuthenticationHeaderValue? header)
    {
        if (header?.Parameter is not { Length: > 0 } parameter) yield break;
        yield return parameter;
        if (header.Scheme != "Basic") yield break;
        var pair = Encoding.UTF8.GetString(Convert.FromBase64String(parameter));
        if (pair[(pair.IndexOf(':', StringComparison.Ordinal) + 1)..] is { Length: > 0 } password) yield return password;
    }

    /// <summary>The header of Basic authentication (RFC 7617); null where there is a registry token alone.</summary>
    /// <remarks>Servers that know nothing of identity tokens take them as a password.</remarks>
    public AuthenticationHeaderValue? ToBasic()
    {
        var user = Username.Length == 0 && IdentityToken is not null ? TokenUser : Username;
        var secret = Password.Length == 0 && IdentityToken is not null ? IdentityToken : Password;
        return user.Length == 0 && secret.Length == 0 ? null : new("Basic", Convert.ToBase64String(_encoding.GetBytes($"{user}:{secret}")));
    }

    // The file's reader puts U+FFFD in the place of bytes that are not UTF-8: such a secret is not the user's.
    private static string? TextOf(JsonInput entry, string key) => entry.Text(key) is not { Length: > 0 } text ? null
        : text.Contains('\uFFFD', StringComparison.Ordinal) ? throw entry.Wrong($"has a \"{key}\" that is not UTF-8") : text;
}
