using OverlayImg.Images.Compression;
using OverlayImg.Images.Digests;
using OverlayImg.Testing;

namespace OverlayImg.Images.Tests.Compression;

/// <summary>Damaged and truncated zstd frames, and frames that require too much memory.</summary>
public sealed class ZstdDamageTests
{
    private static readonly byte[] Skippable = [0x5A, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3];

    [Fact]
    public void Skippable_frames_may_stand_anywhere()
    {
        var first = Damage.Data(5000);
        var second = Damage.Data(300_000);
        byte[] compressed = [.. Skippable, .. Damage.Compress(first), .. Skippable, .. Skippable, .. Damage.Compress(second), .. Skippable];
        Assert.Equal([.. first, .. second], Damage.Decompress(compressed, CompressionFormat.Zstd));
        Assert.Empty(Damage.Decompress(Skippable, CompressionFormat.Zstd));
    }

    [Fact]
    public void A_skippable_frame_truncated_at_any_byte_is_refused()
    {
        var frame = Damage.Compress(Damage.Data(100));
        for (var length = 1; length < Skippable.Length; length++)
        {
            byte[] compressed = [.. frame, .. Skippable[..length]];
            Assert.Contains("truncated", Damage.Error(compressed, CompressionFormat.Zstd), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void A_truncated_first_header_is_refused(int length) =>
        Assert.Contains("truncated", Damage.Error(Damage.Compress([])[..length], CompressionFormat.Zstd), StringComparison.Ordinal);

    /// <summary>Frames of the tool's encoder have other headers than those of the <c>zstd</c> program.</summary>
    [Fact]
    public void A_frame_of_the_tools_encoder_truncated_at_any_byte_is_refused()
    {
        var compressed = Damage.Compress(Damage.Data(3000));
        for (var length = 0; length < compressed.Length; length++)
            Assert.Contains("truncated", Damage.Error(compressed[..length], CompressionFormat.Zstd), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(512)]
    [InlineData(300_000)]
    public void Data_after_a_frame_that_is_not_another_frame_is_refused(int length)
    {
        var frame = Damage.Compress(Damage.Data(5000));
        var random = new byte[length];
        new Random(length).NextBytes(random);
        foreach (var rest in new[] { new byte[length], random })
            Assert.Contains("zstd data", Damage.Error([.. frame, .. rest], CompressionFormat.Zstd), StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_checksum_is_found_and_stays_an_error()
    {
        var compressed = Damage.Compress(Damage.Data(5000));
        compressed[^1] ^= 1;
        using var stream = Decompression.Open(new MemoryStream(compressed), CompressionFormat.Zstd, new("x"));
        var first = Assert.Throws<InputException>(() => stream.CopyTo(Stream.Null));
        Assert.Contains("checksum", first.Message, StringComparison.Ordinal);
        Assert.Same(first, Assert.Throws<InputException>(() => stream.ReadByte()));
    }

    /// <summary>
    /// A window descriptor has an exponent in the upper five bits and a mantissa in the lower three (RFC 8878,
    /// 3.1.1.1.2).
    /// </summary>
    [Theory]
    [InlineData((17 << 3) | 1)]
    [InlineData(18 << 3)]
    [InlineData(0xFF)]
    public void A_window_beyond_the_limit_is_refused_before_memory_is_taken(int windowDescriptor)
    {
        byte[] header = [0x28, 0xB5, 0x2F, 0xFD, 0, (byte)windowDescriptor, 1, 0, 0];
        Assert.Contains("more than 128 MiB of memory", Damage.Error(header, CompressionFormat.Zstd), StringComparison.Ordinal);
    }

    /// <summary>In a frame without a window descriptor, the window is the whole content.</summary>
    [Fact]
    public void A_single_segment_beyond_the_limit_is_refused_before_memory_is_taken()
    {
        byte[] header = [0x28, 0xB5, 0x2F, 0xFD, 0b1110_0000, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0];
        Assert.Contains("more than 128 MiB of memory", Damage.Error(header, CompressionFormat.Zstd), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_largest_window_that_is_allowed_is_read()
    {
        var noise = new byte[1 << 20];
        new Random(1).NextBytes(noise);
        byte[] data = [.. noise, .. new byte[100 << 20], .. noise];
        var compressed = (await Tool.RunAsync("zstd", ["--long=27", "-c"], new MemoryStream(data))).Succeeded().StandardOutputBytes;
        // The repetition is 100 MiB away from its first occurrence.
        Assert.InRange(compressed.Length, noise.Length, noise.Length + (100 << 10));
        Assert.Equal(Digest.Of(data), Digest.Of(Damage.Decompress(compressed, CompressionFormat.Zstd)));
    }

    [Fact]
    public void A_mutated_frame_never_yields_wrong_data() =>
        Damage.AssertNoMutationGivesWrongData(Damage.Compress(Damage.Data(2000)), CompressionFormat.Zstd, Damage.Data(2000), 3000);

    /// <summary>Without a checksum, damage may yield wrong data, but nothing worse than wrong data or an error.</summary>
    [Fact]
    public async Task A_mutated_frame_without_a_checksum_does_no_harm()
    {
        var text = string.Concat(Enumerable.Range(0, 3000).Select(number => $"line {number % 97} of {number % 13}\n"));
        foreach (var level in new[] { "-1", "-19" })
        {
            var compressed = (await Tool.RunAsync("zstd", [level, "--no-check", "-c"], new MemoryStream(System.Text.Encoding.ASCII.GetBytes(text))))
                .Succeeded().StandardOutputBytes;
            Damage.AssertNoMutationGivesWrongData(compressed, CompressionFormat.Zstd, original: null, 3000);
        }
    }
}
