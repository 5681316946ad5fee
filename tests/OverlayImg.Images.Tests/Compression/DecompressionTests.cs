using OverlayImg.Images.Compression;
using OverlayImg.Testing;

namespace OverlayImg.Images.Tests;

public sealed class DecompressionTests
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    /// <summary>The compressors, which write to standard output with <c>-c</c>, and their formats.</summary>
    public static TheoryData<string, CompressionFormat> Compressors => new()
    {
        { "gzip -9", CompressionFormat.Gzip },
        { "pigz -11", CompressionFormat.Gzip },
        { "zstd -19", CompressionFormat.Zstd },
        { "zstd --fast --no-check", CompressionFormat.Zstd },
        { "xz -6", CompressionFormat.Xz },
        { "xz --check=none", CompressionFormat.Xz },
        { "bzip2 -9", CompressionFormat.Bzip2 },
        { "bzip2 -1", CompressionFormat.Bzip2 },
    };

    [Theory]
    [MemberData(nameof(Compressors))]
    public async Task Compressed_data_of_every_size_is_read(string compressor, CompressionFormat format)
    {
        // Zopfli is a hundred times slower than the others. Three of its blocks are enough.
        var largest = compressor == "pigz -11" ? 300 << 10 : 3 << 20;
        foreach (var size in new[] { 0, 1, 4096, (128 << 10) - 1, 128 << 10, (128 << 10) + 1, largest })
        {
            var data = Data(size);
            var compressed = await CompressAsync(compressor, data);
            Assert.Equal(format, CompressionMagic.Detect(compressed));
            Assert.Equal(data, Decompress(compressed, format));
        }
    }

    [Theory]
    [MemberData(nameof(Compressors))]
    public async Task Concatenated_members_are_read_as_one_stream(string compressor, CompressionFormat format)
    {
        var first = Data(200_000);
        var second = Data(128 << 10);
        byte[] compressed = [.. await CompressAsync(compressor, first), .. await CompressAsync(compressor, []),
            .. await CompressAsync(compressor, second)];
        Assert.Equal([.. first, .. second], Decompress(compressed, format));
    }

    [Theory]
    [MemberData(nameof(Compressors))]
    public async Task Data_truncated_at_any_byte_is_refused(string compressor, CompressionFormat format)
    {
        var compressed = await CompressAsync(compressor, Data(3000));
        for (var length = CompressionMagic.Length; length < compressed.Length; length++)
        {
            var exception = Assert.Throws<InputException>(() => Decompress(compressed[..length], format));
            Assert.Contains("truncated", exception.Describe(), StringComparison.Ordinal);
            Assert.StartsWith("base.tar, layer one.tar, byte ", exception.Describe(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Compressors))]
    public async Task A_second_member_truncated_at_any_byte_is_refused(string compressor, CompressionFormat format)
    {
        var member = await CompressAsync(compressor, Data(3000));
        for (var length = CompressionMagic.Length; length < member.Length; length++)
        {
            byte[] compressed = [.. member, .. member[..length]];
            Assert.Throws<InputException>(() => Decompress(compressed, format));
        }
    }

    [Theory]
    [InlineData("gzip", CompressionFormat.Gzip)]
    [InlineData("zstd --check", CompressionFormat.Zstd)]
    [InlineData("xz", CompressionFormat.Xz)]
    [InlineData("bzip2", CompressionFormat.Bzip2)]
    public async Task A_flipped_bit_never_yields_wrong_data(string compressor, CompressionFormat format)
    {
        var data = Data(2000);
        var compressed = await CompressAsync(compressor, data);
        for (var index = 10; index < compressed.Length; index++)
        {
            var damaged = compressed.ToArray();
            damaged[index] ^= 0x10;
            try
            {
                // Some bits have no effect (the size of a dictionary, flags of a header). Then the data must be complete.
                Assert.Equal(data, Decompress(damaged, format));
            }
            catch (InputException exception)
            {
                Assert.Contains("one.tar", exception.Describe(), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Zeros_after_gzip_data_are_ignored_as_gzip_does()
    {
        var data = Data(5000);
        var compressed = await CompressAsync("gzip", data);
        foreach (var padding in new[] { 1, 2, 3, 512, 8192, 100_000 })
            Assert.Equal(data, Decompress([.. compressed, .. new byte[padding]], CompressionFormat.Gzip));
    }

    [Fact]
    public async Task A_leading_skippable_zstd_frame_is_skipped()
    {
        var data = Data(5000);
        byte[] compressed = [0x5A, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3, .. await CompressAsync("zstd", data)];
        Assert.Equal(CompressionFormat.Zstd, CompressionMagic.Detect(compressed));
        Assert.Equal(data, Decompress(compressed, CompressionFormat.Zstd));
    }

    [Fact]
    public async Task A_zstd_window_above_128_MiB_is_refused()
    {
        var compressed = await CompressAsync("zstd --ultra --long=28", []);
        // The zstd program gives an empty input a small window, so this header is handmade: 256 MiB (RFC 8878,
        // 3.1.1.1.2: exponent 18 in the upper five bits).
        byte[] header = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 18 << 3, .. compressed.AsSpan(6).ToArray()];
        var exception = Assert.Throws<InputException>(() => Decompress(header, CompressionFormat.Zstd));
        Assert.Contains("more than 128 MiB of memory", exception.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_error_for_a_missing_library_names_its_package()
    {
        var exception = Assert.Throws<MachineException>(() => new NativeLibraryFile("libnothing.so.7", "the package libnothing7").Require());
        Assert.Equal("The library libnothing.so.7 is not installed, and reading or writing this compression needs it. " +
            "Install it: the package libnothing7.", exception.Describe());
    }

    [Fact]
    public async Task The_version_of_liblzma_is_the_one_that_xz_reports()
    {
        Assert.Contains($"liblzma {Decompression.XzVersion}", await Tool.OutputAsync("xz", "--version"), StringComparison.Ordinal);
    }

    private static byte[] Decompress(byte[] compressed, CompressionFormat format)
    {
        using var stream = Decompression.Open(new MemoryStream(compressed), format, new("base.tar", "one.tar"));
        using var result = new MemoryStream();
        stream.CopyTo(result);
        return result.ToArray();
    }

    private static async Task<byte[]> CompressAsync(string compressor, byte[] data) =>
        (await Tool.RunAsync("bash", ["-c", $"{compressor} -c"], new MemoryStream(data), cancellationToken: Cancellation)).Succeeded()
            .StandardOutputBytes;

    /// <summary>Makes data that is the same in every run: half of it compresses well, the other half not at all.</summary>
    private static byte[] Data(int size)
    {
        var data = new byte[size];
        new Random(size).NextBytes(data.AsSpan(0, size / 2));
        return data;
    }
}
