using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace OverlayImg.Images;

/// <summary>A SHA-256 digest (image-spec, descriptor.md "Digests"): of a blob, of a config, or of a layer's uncompressed tar.</summary>
/// <remarks>
/// Whatever comes from outside becomes one of these before it is compared or put in a path: nothing but 64 small hexadecimal digits passes.
/// </remarks>
public readonly struct Digest : IEquatable<Digest>
{
    private const string Prefix = "sha256:";
    private const int HexLength = 64;
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");
    private readonly string? _hex;

    private Digest(string hex) => _hex = hex;

    /// <summary>The 64 hexadecimal digits.</summary>
    public string Hex => _hex ?? throw new InvalidOperationException("This digest was never set.");

    /// <summary>Whether the two are the same.</summary>
    public static bool operator ==(Digest left, Digest right) => left.Equals(right);

    /// <summary>Whether the two differ.</summary>
    public static bool operator !=(Digest left, Digest right) => !left.Equals(right);

    /// <summary>The digest of <paramref name="bytes"/>.</summary>
    public static Digest Of(ReadOnlySpan<byte> bytes) => FromHash(SHA256.HashData(bytes));

    /// <summary>The digest whose 32 bytes are <paramref name="hash"/>.</summary>
    public static Digest FromHash(ReadOnlySpan<byte> hash)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(hash.Length, SHA256.HashSizeInBytes);
        return new(Convert.ToHexStringLower(hash));
    }

    /// <summary>Reads <c>sha256:HEX</c>; false for anything else, other algorithms and capital letters included.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Digest digest)
    {
        digest = default;
        return text is not null && text.StartsWith(Prefix, StringComparison.Ordinal) && TryParseHex(text[Prefix.Length..], out digest);
    }

    /// <summary>Reads the digits alone.</summary>
    public static bool TryParseHex(string hex, out Digest digest)
    {
        var isHex = hex.Length == HexLength && !hex.AsSpan().ContainsAnyExcept(HexDigits);
        digest = isHex ? new(hex) : default;
        return isHex;
    }

    /// <summary>The chain ID of layers (image-spec, config.md "Layer ChainID"): the name of the stack up to and including the last of them.</summary>
    /// <param name="diffIds">Bottom first; at least one.</param>
    public static Digest ChainId(IEnumerable<Digest> diffIds) =>
        diffIds.Aggregate((lower, diffId) => Of(Encoding.ASCII.GetBytes($"{lower} {diffId}")));

    /// <inheritdoc/>
    public bool Equals(Digest other) => string.Equals(_hex, other._hex, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Digest other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _hex?.GetHashCode(StringComparison.Ordinal) ?? 0;

    /// <summary><c>sha256:HEX</c>.</summary>
    public override string ToString() => Prefix + Hex;
}
