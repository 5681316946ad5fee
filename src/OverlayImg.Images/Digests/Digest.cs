using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace OverlayImg.Images.Digests;

/// <summary>A SHA-256 digest (image-spec, descriptor.md "Digests"): of a blob, of a config, or of a layer's uncompressed tar.</summary>
/// <remarks>
/// Whatever comes from outside becomes one of these before it is compared or put in a path: nothing but 64 small hexadecimal digits passes.
/// </remarks>
public sealed class Digest : IEquatable<Digest>
{
    private const string Prefix = "sha256:";
    private const int HexLength = 64;
    private Digest(string hex) => Hex = hex;

    /// <summary>The 64 hexadecimal digits.</summary>
    public string Hex { get; }

    /// <summary>Whether the two are the same.</summary>
    public static bool operator ==(Digest? left, Digest? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Whether the two differ.</summary>
    public static bool operator !=(Digest? left, Digest? right) => !(left == right);

    /// <summary>The digest of <paramref name="bytes"/>.</summary>
    public static Digest Of(ReadOnlySpan<byte> bytes) => FromHash(SHA256.HashData(bytes));

    /// <summary>The digest of all that a stream has.</summary>
    public static async Task<Digest> OfAsync(Stream stream, CancellationToken cancellationToken) => FromHash(await SHA256.HashDataAsync(stream, cancellationToken));

    /// <summary>The digest whose 32 bytes are <paramref name="hash"/>.</summary>
    public static Digest FromHash(ReadOnlySpan<byte> hash)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(hash.Length, SHA256.HashSizeInBytes);
        return new(Convert.ToHexStringLower(hash));
    }

    /// <summary>Reads <c>sha256:HEX</c>; false for anything else, other algorithms and capital letters included.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Digest? digest)
    {
        digest = null;
        return text is not null && text.StartsWith(Prefix, StringComparison.Ordinal) && TryParseHex(text[Prefix.Length..], out digest);
    }

    /// <summary>Reads the digits alone.</summary>
    public static bool TryParseHex(string hex, [NotNullWhen(true)] out Digest? digest)
    {
        digest = IsHex(hex) ? new(hex) : null;
        return digest is not null;
    }

    /// <summary>Reads what people write of a SHA-256: 64 hexadecimal digits, with or without <c>sha256:</c> before them, or the form of web pages and Nix, <c>sha256-BASE64</c>.</summary>
    public static bool TryParseHash(string text, [NotNullWhen(true)] out Digest? digest)
    {
        const string Integrity = "sha256-";
        digest = null;
        if (!text.StartsWith(Integrity, StringComparison.Ordinal))
        {
            var hex = text.StartsWith(Prefix, StringComparison.Ordinal) ? text[Prefix.Length..] : text;
            return TryParseHex(hex.ToLowerInvariant(), out digest);
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes + 2];
        if (!Convert.TryFromBase64String(text[Integrity.Length..], hash, out var count) || count != SHA256.HashSizeInBytes) return false;
        digest = FromHash(hash[..count]);
        return true;
    }

    private static bool IsHex(string text)
    {
        foreach (var digit in text)
        {
            if (!char.IsAsciiHexDigitLower(digit)) return false;
        }

        return text.Length == HexLength;
    }

    /// <summary>The same as Nix and web pages write it (W3C, Subresource Integrity): <c>sha256-BASE64</c>.</summary>
    public string ToIntegrity() => $"sha256-{Convert.ToBase64String(Convert.FromHexString(Hex))}";

    /// <summary>The chain ID of layers (image-spec, config.md "Layer ChainID"): the name of the stack up to and including the last of them.</summary>
    /// <param name="diffIds">Bottom first; at least one.</param>
    public static Digest ChainId(IEnumerable<Digest> diffIds) =>
        diffIds.Aggregate((lower, diffId) => Of(Encoding.ASCII.GetBytes($"{lower} {diffId}")));

    /// <inheritdoc/>
    public bool Equals(Digest? other) => other is not null && string.Equals(Hex, other.Hex, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Digest other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Hex.GetHashCode(StringComparison.Ordinal);

    /// <summary><c>sha256:HEX</c>.</summary>
    public override string ToString() => Prefix + Hex;
}
