using System.Net.Http.Headers;
using System.Text;

namespace OverlayImg.Images;

/// <summary>Who a user is to a registry. A class, not a record: nothing prints its secrets.</summary>
/// <param name="username">The name; empty with an identity token alone.</param>
/// <param name="password">The password; empty with an identity token alone.</param>
/// <param name="identityToken">What is changed for a token (OAuth2's refresh token); null where there is none.</param>
internal sealed class Credential(string username, string password, string? identityToken = null)
{
    /// <summary>The name of a user that says that the password is an identity token.</summary>
    public const string TokenUser = "<token>";

    public string Username { get; } = username;

    public string Password { get; } = password;

    public string? IdentityToken { get; } = identityToken;

    /// <summary>Name and secret, as a name and a password or as an identity token; null where they say nothing.</summary>
    public static Credential? Of(string username, string secret) =>
        username.Length == 0 && secret.Length == 0 ? null : username == TokenUser ? new("", "", secret) : new(username, secret);

    /// <summary>What must not be shown of a header that was sent.</summary>
    public static IEnumerable<string> SecretsOf(AuthenticationHeaderValue? header)
    {
        if (header?.Parameter is not { Length: > 0 } parameter) yield break;
        yield return parameter;
        if (header.Scheme != "Basic") yield break;
        var pair = Encoding.UTF8.GetString(Convert.FromBase64String(parameter));
        if (pair[(pair.IndexOf(':', StringComparison.Ordinal) + 1)..] is { Length: > 0 } password) yield return password;
    }

    /// <summary>As Basic authentication sends it (RFC 7617). Servers that know nothing of identity tokens take them as a password.</summary>
    public AuthenticationHeaderValue ToBasic()
    {
        var user = Username.Length == 0 && IdentityToken is not null ? TokenUser : Username;
        var secret = Password.Length == 0 && IdentityToken is not null ? IdentityToken : Password;
        return new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{secret}")));
    }
}
