using OverlayImg.Images.Digests;

namespace OverlayImg.Closures;

/// <summary>SHA-256 digests in the forms in which Nix writes them: base 16, its own base 32, base 64, each with <c>sha256:</c> or without, and as
/// <c>sha256-</c> in base 64 (SRI).</summary>
internal static class NixHash
{
    private const string Digits = "0123456789abcdfghijklmnpqrsvwxyz";
    private const int ByteCount = 32;
    private const int HexLength = 64;
    private const int Base32Length = 52;
    private const int Base64Length = 44;

    /// <summary>Reads any of the forms; null for anything else, hashes of other algorithms included.</summary>
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

    /// <summary><c>sha256:</c> and base 32, as <c>nix path-info --json</c> and binary caches write it.</summary>
    public static string ToBase32(Digest digest)
    {
        var bytes = Convert.FromHexString(digest.Hex);
        // The last five bits come first, and the bits are counted from the lowest of the first byte on.
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
