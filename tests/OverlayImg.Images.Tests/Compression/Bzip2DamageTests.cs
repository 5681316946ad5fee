using OverlayImg.Images.Compression;
using OverlayImg.Testing;

namespace OverlayImg.Images.Tests.Compression;

/// <summary>Damaged, truncated and malicious bzip2 streams.</summary>
public sealed class Bzip2DamageTests
{
    [Fact]
    public async Task Streams_of_different_block_sizes_are_read_as_one()
    {
        var data = Damage.Data(1_200_000);
        byte[] compressed = [.. await CompressAsync(data, 9), .. await CompressAsync([], 1), .. await CompressAsync(data, 1),
            .. await CompressAsync(data, 5)];
        Assert.Equal([.. data, .. data, .. data], Damage.Decompress(compressed, CompressionFormat.Bzip2));
    }

    /// <summary>bzip2 encodes a run of equal bytes as four bytes and a count.</summary>
    [Fact]
    public async Task Runs_of_every_length_are_read()
    {
        foreach (var length in Enumerable.Range(1, 20).Concat([254, 255, 256, 257, 258, 259, 260, 511, 2_000_000]))
        {
            byte[] data = [1, .. new byte[length], 2, 2, 2, 2, .. new byte[length], .. new byte[length]];
            Assert.Equal(data, Damage.Decompress(await CompressAsync(data, 9), CompressionFormat.Bzip2));
        }
    }

    [Fact]
    public void Empty_input_is_refused() => Assert.Contains("truncated", Damage.Error([], CompressionFormat.Bzip2), StringComparison.Ordinal);

    [Theory]
    [InlineData("\0")]
    [InlineData("x")]
    [InlineData("BZi9")]
    [InlineData("BZh0")]
    [InlineData("BZh:")]
    [InlineData("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")]
    public async Task Data_after_a_stream_that_is_not_another_stream_is_refused(string rest)
    {
        byte[] compressed = [.. await CompressAsync(Damage.Data(5000), 9), .. System.Text.Encoding.ASCII.GetBytes(rest)];
        Assert.Contains("the data after one of its streams is not bzip2", Damage.Error(compressed, CompressionFormat.Bzip2),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("B")]
    [InlineData("BZ")]
    [InlineData("BZh")]
    [InlineData("BZh9")]
    public async Task A_truncated_second_header_is_reported_as_truncated(string rest)
    {
        byte[] compressed = [.. await CompressAsync(Damage.Data(5000), 9), .. System.Text.Encoding.ASCII.GetBytes(rest)];
        Assert.Contains("truncated", Damage.Error(compressed, CompressionFormat.Bzip2), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_checksum_is_found_and_stays_an_error()
    {
        var compressed = await CompressAsync(Damage.Data(5000), 9);
        // The checksum of the first block follows "BZh9" and the six bytes of the block's magic number.
        compressed[10] ^= 1;
        using var stream = Decompression.Open(new MemoryStream(compressed), CompressionFormat.Bzip2, new("x"));
        var first = Assert.Throws<InputException>(() => stream.CopyTo(Stream.Null));
        Assert.Same(first, Assert.Throws<InputException>(() => stream.ReadByte()));
    }

    [Fact]
    public async Task A_mutated_stream_never_yields_wrong_data()
    {
        var data = Damage.Data(2000);
        Damage.AssertNoMutationGivesWrongData(await CompressAsync(data, 1), CompressionFormat.Bzip2, data, 3000);
    }

    /// <summary>The library treats a failed read as the end of the data, but the error must not say that the file is truncated.</summary>
    [Fact]
    public async Task A_failed_read_is_not_reported_as_truncated_data()
    {
        var compressed = await CompressAsync(Damage.Data(500_000), 9);
        using var stream = Decompression.Open(new BadDisk(compressed[..100_000]), CompressionFormat.Bzip2, new("x"));
        Assert.Equal("Input/output error", Assert.Throws<IOException>(() => stream.CopyTo(Stream.Null)).Message);
    }

    /// <summary>
    /// Compressors do not write empty blocks. The library handles an empty block by recursion, so many empty blocks in
    /// a row would end the process by a stack overflow.
    /// </summary>
    [Theory]
    [InlineData(1000, true)]
    [InlineData(1001, false)]
    public void More_than_a_thousand_empty_streams_in_a_row_are_refused(int count, bool isSound)
    {
        // The header and the end of an empty stream: the magic number and the checksum of no data.
        byte[] empty = [.. "BZh9"u8, 0x17, 0x72, 0x45, 0x38, 0x50, 0x90, 0, 0, 0, 0];
        byte[] data = [.. Enumerable.Repeat(empty, count).SelectMany(stream => stream)];
        if (isSound) Assert.Empty(Damage.Decompress(data, CompressionFormat.Bzip2));
        else Assert.Contains("more than 1000 of its streams", Damage.Error(data, CompressionFormat.Bzip2), StringComparison.Ordinal);
    }

    [Fact]
    public void A_hundred_thousand_empty_blocks_are_refused()
    {
        var bits = new BitList();
        bits.Add('B', 8);
        bits.Add('Z', 8);
        bits.Add('h', 8);
        bits.Add('1', 8);
        for (var number = 0; number < 100_000; number++)
        {
            bits.Add(0x3141_5926_5359, 48);
            // The checksum of no data, no randomization, and the origin pointer of the block-sorting transform.
            bits.Add(0, 32 + 1 + 24);
            // One symbol is used.
            bits.Add(0x8000, 16);
            bits.Add(0x8000, 16);
            // Two Huffman tables, and one selector, which names the first table.
            bits.Add(2, 3);
            bits.Add(1, 15);
            bits.Add(0, 1);
            for (var table = 0; table < 2; table++) bits.Add(0b00010_000, 8);
            // The end of the block.
            bits.Add(0b10, 2);
        }

        bits.Add(0x1772_4538_5090, 48);
        bits.Add(0, 32);
        Assert.Contains("bzip2 data is corrupt", Damage.Error(bits.ToArray(), CompressionFormat.Bzip2), StringComparison.Ordinal);
    }

    private static async Task<byte[]> CompressAsync(byte[] data, int level) =>
        (await Tool.RunAsync("bzip2", [$"-{level}", "-c"], new MemoryStream(data))).Succeeded().StandardOutputBytes;

    /// <summary>A stream that fails after the given bytes, like a file on a disk with bad sectors.</summary>
    private sealed class BadDisk(byte[] bytes) : MemoryStream(bytes)
    {
        // MemoryStream routes all reads of a derived class to this overload.
        public override int Read(byte[] buffer, int offset, int count) =>
            Position == Length ? throw new IOException("Input/output error") : base.Read(buffer, offset, count);
    }

    /// <summary>Writes bits, the most significant bit of a byte first.</summary>
    private sealed class BitList
    {
        private readonly List<byte> _bytes = [];
        private int _count;

        public void Add(long value, int count)
        {
            for (var bit = count - 1; bit >= 0; bit--)
            {
                if (_count++ % 8 == 0) _bytes.Add(0);
                _bytes[^1] |= (byte)((value >> bit & 1) << (7 - ((_count - 1) % 8)));
            }
        }

        public byte[] ToArray() => [.. _bytes];
    }
}
