using OverlayImg.Images.Digests;
using OverlayImg.Testing;

namespace OverlayImg.Images.Tests;

public sealed class DigestTests
{
    private static readonly string Digits = new('a', 64);

    [Fact]
    public void Only_sha256_and_64_lowercase_digits_are_a_digest()
    {
        Assert.True(Digest.TryParse("sha256:" + Digits, out var digest));
        Assert.Equal(Digits, digest.Hex);
        string?[] others = [null, "", Digits, "sha256:", "sha256:" + Digits[1..], $"sha256:{Digits}a", "SHA256:" + Digits,
            "sha256:" + Digits.ToUpperInvariant(),
            "sha512:" + Digits, "sha256:../" + Digits[3..], $"sha256:{Digits[1..]}\n"];
        Assert.All(others, other => Assert.False(Digest.TryParse(other, out _)));
    }

    [Fact]
    public void A_users_hash_may_have_every_form_that_tools_print()
    {
        var expected = Digest.Of("x"u8);
        var integrity = "sha256-" + Convert.ToBase64String(Convert.FromHexString(expected.Hex));
        Assert.Equal(integrity, expected.ToIntegrity());
        foreach (var text in new[] { expected.Hex, expected.Hex.ToUpperInvariant(), expected.ToString(), integrity })
        {
            Assert.True(Digest.TryParseHash(text, out var hash));
            Assert.Equal(expected, hash);
        }

        string[] others = ["", "sha256-", integrity[..^2], integrity + "AAAA", "sha512-" + integrity[7..], expected.Hex[1..],
            "sha256:sha256:" + expected.Hex, "sha256-" + expected.Hex];
        Assert.All(others, other => Assert.False(Digest.TryParseHash(other, out _)));
    }

    [Fact]
    public async Task The_chain_ID_equals_what_sha256sum_computes()
    {
        string[] diffIds = [.. "123".Select(digit => "sha256:" + new string(digit, 64))];
        var expected = (await Tool.BashAsync($"""
            hash() {"{"} printf 'sha256:%s' $(printf '%s' "$1" | sha256sum | cut -c -64); {"}"}
            hash "$(hash '{diffIds[0]} {diffIds[1]}') {diffIds[2]}"
            """)).Trim();
        Assert.Equal(expected, Digest.ChainId(diffIds.Select(Parse)).ToString());
        Assert.Equal(diffIds[0], Digest.ChainId([Parse(diffIds[0])]).ToString());
    }

    private static Digest Parse(string text) => Digest.TryParse(text, out var digest) ? digest : throw new ArgumentException(text);
}
