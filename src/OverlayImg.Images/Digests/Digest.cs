using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace OverlayImg.Images.Digests;

/// <summary>A SHA-256 digest of a blob, a config or an uncompressed layer (OCI Image Specification, descriptor).</summary>
/// <remarks>
/// Every digest from an input is parsed into this type before it is compared or becomes part of a path. Only 64
/// lowercase hexadecimal digits are accepted.
/// </remarks>
public sealed class Digest : IEquatable<Digest>
{
    private const string Prefix = "sha256:";
    private const int HexLength = 64;
    private Digest(string hex) => Hex = hex;

    /// <summary>The 64 lowercase hexadecimal digits, without the algorithm.</summary>
    public string Hex { get; }

    /// <summary>Whether both digests have the same digits; two nulls are equal.</summary>
    public static bool operator ==(Digest? left, Digest? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Whether the digests have different digits, or only one of them is null.</summary>
    public static bool operator !=(Digest? left, Digest? right) => !(left == right);

    /// <summary>Hashes <paramref name="bytes"/>.</summary>
    public static Digest Of(ReadOnlySpan<byte> bytes) => FromHash(SHA256.HashData(bytes));

    /// <summary>Hashes a stream from its position to its end.</summary>
    public static async Task<Digest> OfAsync(Stream stream, CancellationToken cancellationToken) =>
        FromHash(await SHA256.HashDataAsync(stream, cancellationToken));

    /// <summary>Makes a digest from the 32 bytes of a SHA-256 hash.</summary>
    public static Digest FromHash(ReadOnlySpan<byte> hash)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(hash.Length, SHA256.HashSizeInBytes);
        return new(Convert.ToHexStringLower(hash));
    }

    /// <summary>Parses <c>sha256:HEX</c>; false for other texts, other algorithms and uppercase digits.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Digest? digest)
    {
        digest = null;
        return text is not null && text.StartsWith(Prefix, StringComparison.Ordinal) && TryParseHex(text[Prefix.Length..], out digest);
    }

    /// <summary>Parses 64 lowercase hexadecimal digits without the algorithm.</summary>
    public static bool TryParseHex(string hex, [NotNullWhen(true)] out Digest? digest)
    {
        digest = IsHex(hex) ? new(hex) : null;
        return digest is not null;
    }

    /// <summary>
    /// Parses a SHA-256 hash as users write it: 64 hexadecimal digits of either case, optionally after <c>sha256:</c>,
    /// or <c>sha256-BASE64</c> (W3C Subresource Integrity, also used by Nix).
    /// </summary>
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

    /// <summary>Formats the digest as <c>sha256-BASE64</c> (W3C Subresource Integrity, also used by Nix).</summary>
    public string ToIntegrity() => $"sha256-{Convert.ToBase64String(Convert.FromHexString(Hex))}";

    /// <summary>Computes the chain ID of a stack of layers (OCI Image Specification, config).</summary>
    /// <param name="diffIds">The diff IDs of the layers, bottom first; at least one.</param>
    public static Digest ChainId(IEnumerable<Digest> diffIds) =>
        diffIds.Aggregate((lower, diffId) => Of(Encoding.ASCII.GetBytes($"{lower} {diffId}")));

    /// <inheritdoc/>
    public bool Equals(Digest? other) => other is not null && string.Equals(Hex, other.Hex, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Digest other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Hex.GetHashCode(StringComparison.Ordinal);

    /// <summary>Formats the digest as <c>sha256:HEX</c>.</summary>
    public override string ToString() => Prefix + Hex;
}
