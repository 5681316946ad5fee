using OverlayImg.Images.Digests;

namespace OverlayImg.Closures;

/// <summary>
/// SHA-256 digests in the notations of Nix: base 16, Nix's base 32 or base 64, each with or without <c>sha256:</c>, and
/// base 64 with <c>sha256-</c> (SRI).
/// </summary>
internal static class NixHash
{
    private const string Digits = "0123456789abcdfghijklmnpqrsvwxyz";
    private const int ByteCount = 32;
    private const int HexLength = 64;
    private const int Base32Length = 52;
    private const int Base64Length = 44;

    /// <summary>Parses any of the notations; null for other text, including hashes of other algorithms.</summary>
    public static Digest? Parse(string text)
    {
        var isSri = text.StartsWith("sha256-", StringComparison.Ordinal);
        if (isSri || text.StartsWith("sha256:", StringComparison.Ordinal)) text = text["sha256:".Length..];
        return text.Length switch
        {
            Base64Length => FromBase64(text),
            HexLength when !isSri => Digest.TryParseHex(text, out var digest) ? digest : null,
            Base32Length when !isSri => FromBase32(text),
            _ => null,
        };
    }

    /// <summary>Returns the digest as <c>sha256:</c> and base 32, as <c>nix path-info --json</c> and binary caches have it.</summary>
    public static string ToBase32(Digest digest)
    {
        var bytes = Convert.FromHexString(digest.Hex);
        // The last five bits come first. Bits are counted from the lowest bit of the first byte.
        return "sha256:" + string.Create(Base32Length, bytes, static (text, bytes) =>
        {
            for (var index = 0; index < text.Length; index++) text[index] = Digits[BitsAt(bytes, (text.Length - 1 - index) * 5)];
        });
    }

    private static int BitsAt(byte[] bytes, int bit)
    {
        var (index, shift) = Math.DivRem(bit, 8);
        var next = index + 1 < bytes.Length ? bytes[index + 1] : 0;
        return (bytes[index] | next << 8) >> shift & 31;
    }

    private static Digest? FromBase64(string text)
    {
        var bytes = new byte[ByteCount];
        return Convert.TryFromBase64String(text, bytes, out var count) && count == ByteCount ? Digest.FromHash(bytes) : null;
    }

    private static Digest? FromBase32(string text)
    {
        var bytes = new byte[ByteCount];
        for (var index = 0; index < text.Length; index++)
        {
            var value = Digits.IndexOf(text[index], StringComparison.Ordinal);
            if (value < 0) return null;
            var (at, shift) = Math.DivRem((text.Length - 1 - index) * 5, 8);
            bytes[at] |= (byte)(value << shift);
            var carry = value >> (8 - shift);
            if (at + 1 < ByteCount) bytes[at + 1] |= (byte)carry;
            else if (carry != 0) return null;
        }

        return Digest.FromHash(bytes);
    }
}
