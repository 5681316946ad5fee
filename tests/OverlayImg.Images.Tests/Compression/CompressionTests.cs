using System.IO.Hashing;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Compression.Gzip;
using OverlayImg.Images.Digests;
using OverlayImg.Testing;

namespace OverlayImg.Images.Tests;

public sealed class CompressionTests
{
    private const int Piece = 1 << 20;

    /// <summary>Programs that unpack from stdin to stdout, each with an implementation of its own.</summary>
    public static TheoryData<string, CompressionFormat> Decompressors => new()
    {
        { "gzip -dc", CompressionFormat.Gzip },
        { "pigz -dc", CompressionFormat.Gzip },
        { "python3 -c 'import sys, zlib; sys.stdout.buffer.write(zlib.decompress(sys.stdin.buffer.read(), 31))'", CompressionFormat.Gzip },
        { "zstd -dc", CompressionFormat.Zstd },
    };

    /// <summary>Inputs that go different ways through an encoder.</summary>
    public static TheoryData<string, byte[]> Inputs
    {
        get
        {
            var random = new Random(11);
            var noise = new byte[(2 * Piece) + 12_345];
            random.NextBytes(noise);
            var text = string.Concat(Enumerable.Range(0, 400_000).Select(_ => "the quick brown fox "[random.Next(20)]));
            // Symbols of frequencies like Fibonacci's numbers want codes of more than the 15 bits that deflate has.
            List<byte> skewed = [];
            for (var (symbol, count, next) = (0, 1, 1); symbol < 24; (symbol, count, next) = (symbol + 1, next, count + next))
                skewed.AddRange(Enumerable.Repeat((byte)symbol, count));
            var shuffled = skewed.ToArray();
            random.Shuffle(shuffled);
            byte[] farApart = [.. noise.AsSpan(0, 32_768), .. noise.AsSpan(0, 32_768), .. noise.AsSpan(0, 300)];
            byte[] tooFarApart = [.. noise.AsSpan(0, 32_769), .. noise.AsSpan(0, 32_769)];
            byte[] mixed = [.. new byte[(Piece * 3) / 2], .. noise.AsSpan(0, Piece / 2), .. System.Text.Encoding.ASCII.GetBytes(text), .. noise.AsSpan(0, 70_000)];
            return new()
            {
                { "nothing", [] }, { "one byte", [7] }, { "three bytes", [1, 1, 1] }, { "one symbol", new byte[Piece] },
                { "just beyond a piece", [.. noise.AsSpan(0, Piece + 1)] }, { "noise", noise }, { "text", System.Text.Encoding.ASCII.GetBytes(text) },
                { "skewed", shuffled }, { "a window's distance", farApart }, { "more than a window's distance", tooFarApart }, { "mixed", mixed },
            };
        }
    }

    [Theory]
    [MemberData(nameof(Inputs))]
    public async Task What_we_compress_others_unpack(string name, byte[] input)
    {
        Assert.NotEmpty(name);
        foreach (var (command, format) in Decompressors.Select(row => row.Data))
        {
            var unpacked = (await Tool.RunAsync("bash", ["-c", command], new MemoryStream(Compress(input, format)))).Succeeded();
            Assert.Equal("", unpacked.StandardError);
            Assert.True(input.AsSpan().SequenceEqual(unpacked.StandardOutputBytes), $"{command} did not give back the input.");
        }
    }

    [Fact]
    public void Gzip_finds_repetition_up_to_the_whole_window_away()
    {
        var noise = new byte[32_768];
        new Random(3).NextBytes(noise);
        Assert.InRange(Compress([.. noise, .. noise], CompressionFormat.Gzip).Length, 32_768, 33_500);
        // Also from one piece to the next, which is compressed on its own.
        var start = new byte[Piece - noise.Length];
        Assert.InRange(Compress([.. start, .. noise, .. noise], CompressionFormat.Gzip).Length, 32_768, 36_000);
    }

    [Theory]
    [InlineData(CompressionFormat.Gzip)]
    [InlineData(CompressionFormat.Zstd)]
    public void Noise_grows_by_no_more_than_the_frame_around_it(CompressionFormat format)
    {
        var noise = new byte[4 * Piece];
        new Random(5).NextBytes(noise);
        Assert.InRange(Compress(noise, format).Length, noise.Length, noise.Length + (noise.Length / 1000) + 64);
    }

    [Theory]
    [InlineData(CompressionFormat.Gzip)]
    [InlineData(CompressionFormat.Zstd)]
    public void Bytes_do_not_depend_on_how_the_input_is_cut_into_writes(CompressionFormat format)
    {
        var input = Inputs.Select(row => row.Data).Single(data => data.Item1 == "mixed").Item2;
        var expected = Compress(input, format);
        foreach (var size in new[] { 1009, 10_240, Piece - 1, Piece + 1 }) Assert.Equal(expected, Compress(input, format, size));
    }

    /// <summary>
    /// Digests of images that users have pinned hang on these: they may change with a new version of the tool, and then the release notes say so.
    /// </summary>
    [Fact]
    public void Gzip_bytes_are_what_they_were()
    {
        var input = new byte[(3 * Piece) + 17];
        for (var index = 0; index < input.Length; index++) input[index] = (byte)((index * 2654435761L >> 11) & (index >> 15));
        Assert.Equal("0044da96346d01094544edd7c1da07d1", Digest.Of(Compress(input, CompressionFormat.Gzip)).Hex[..32]);
    }

    /// <summary>What holds for the bytes of gzip holds for those of zstd: a new version of SharpCompress may change them.</summary>
    [Fact]
    public void Zstd_bytes_are_what_they_were()
    {
        var input = new byte[(3 * Piece) + 17];
        for (var index = 0; index < input.Length; index++) input[index] = (byte)((index * 2654435761L >> 11) & (index >> 15));
        Assert.Equal("e7eaf48e67732b0644c73c1e9b1b1087", Digest.Of(Compress(input, CompressionFormat.Zstd)).Hex[..32]);
    }

    [Fact]
    public void Zstd_bytes_do_not_depend_on_the_number_of_workers()
    {
        // The library gives a worker 8 MiB at a time.
        var input = new byte[20 * Piece];
        new Random(7).NextBytes(input.AsSpan(0, input.Length / 2));
        input.AsSpan(0, 5 * Piece).CopyTo(input.AsSpan(12 * Piece));
        var results = new[] { 1, 2, 3, 16, 64 }.Select(workers =>
        {
            using var output = new MemoryStream();
            using (var encoder = new ZstdEncoder(output, workers))
            {
                encoder.Write(input);
                encoder.Complete();
            }

            return Digest.Of(output.ToArray());
        });
        Assert.Single(results.Distinct());
    }

    [Fact]
    public async Task Zstd_data_is_one_frame_with_a_checksum()
    {
        var compressed = Compress(new byte[3 * Piece], CompressionFormat.Zstd);
        // RFC 8878, 3.1.1.1.1: bit 2 of the frame header's descriptor is Content_Checksum_flag.
        Assert.Equal(4, compressed[4] & 4);
        using var directory = new TemporaryDirectory();
        await File.WriteAllBytesAsync(directory["x.zst"], compressed);
        Assert.Contains("XXH64", await Tool.OutputAsync("zstd", "-l", directory["x.zst"]), StringComparison.Ordinal);
        Assert.Matches(@"\n\s*1\s+0\s", await Tool.OutputAsync("zstd", "-l", directory["x.zst"]));
    }

    [Fact]
    public void A_header_says_neither_time_nor_name_nor_system() =>
        Assert.Equal([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255], Compress("x"u8.ToArray(), CompressionFormat.Gzip)[..10]);

    [Theory]
    [InlineData(CompressionFormat.Gzip)]
    [InlineData(CompressionFormat.Zstd)]
    public void A_stream_that_was_given_up_is_not_taken_for_a_whole_one(CompressionFormat format)
    {
        using var output = new MemoryStream();
        using (var stream = Compressor.Open(output, format)) stream.Write(new byte[5 * Piece]);
        Assert.Throws<InputException>(() => Decompression.Open(new MemoryStream(output.ToArray()), format, new("x")).CopyTo(Stream.Null));
    }

    /// <summary>The library of zstd ends the frame when it is disposed of: nothing of that may reach the output.</summary>
    [Theory]
    [InlineData(CompressionFormat.Gzip)]
    [InlineData(CompressionFormat.Zstd)]
    public void After_a_failed_write_nothing_more_is_written(CompressionFormat format)
    {
        var noise = new byte[Piece];
        new Random(9).NextBytes(noise);
        using var output = new FullDisk(capacity: Piece / 2);
        using (var stream = Compressor.Open(output, format))
        {
            Assert.Throws<IOException>(() =>
            {
                // An encoder holds back as much as its workers take.
                for (var count = 0; count < 1000; count++) stream.Write(noise);
            });
        }

        Assert.Equal(1, output.Refused);
        Assert.Throws<InputException>(() => Decompression.Open(new MemoryStream(output.ToArray()), format, new("x")).CopyTo(Stream.Null));
    }

    [Theory]
    [InlineData(CompressionFormat.Gzip)]
    [InlineData(CompressionFormat.Zstd)]
    public void The_end_that_can_not_be_written_is_an_error(CompressionFormat format)
    {
        using var output = new FullDisk(capacity: 0);
        using var stream = Compressor.Open(output, format);
        stream.Write("text"u8);
        Assert.Throws<IOException>(stream.Complete);
    }

    [Fact]
    public async Task Joined_checksums_are_those_of_the_whole()
    {
        var bytes = new byte[100_003];
        new Random(1).NextBytes(bytes);
        using var directory = new TemporaryDirectory();
        var file = Path.Combine(directory.Path, "bytes");
        await File.WriteAllBytesAsync(file, bytes);
        var expected = uint.Parse(await Tool.OutputAsync("python3", "-c", $"import zlib; print(zlib.crc32(open('{file}','rb').read()), end='')"));
        Assert.Equal(expected, Crc32.HashToUInt32(bytes));
        foreach (var cut in new[] { 0, 1, 7, 8, 50_000, bytes.Length - 1, bytes.Length })
            Assert.Equal(expected, CombinedCrc32.Of(Crc32.HashToUInt32(bytes.AsSpan(0, cut)), Crc32.HashToUInt32(bytes.AsSpan(cut)), bytes.Length - cut));
    }

    /// <summary>Takes some bytes, and refuses every write that goes beyond.</summary>
    private sealed class FullDisk(int capacity) : MemoryStream
    {
        /// <summary>Number of writes that were refused.</summary>
        public int Refused { get; private set; }

        // A class that is derived from MemoryStream gets all writes by this overload.
        public override void Write(byte[] buffer, int offset, int count)
        {
            if (Length + count > capacity)
            {
                Refused++;
                throw new IOException("The disk is full.");
            }

            base.Write(buffer, offset, count);
        }
    }

    private static byte[] Compress(byte[] input, CompressionFormat format, int writeSize = int.MaxValue)
    {
        using var output = new MemoryStream();
        using (var stream = Compressor.Open(output, format))
        {
            for (var offset = 0; offset < input.Length;)
            {
                var count = Math.Min(writeSize, input.Length - offset);
                stream.Write(input.AsSpan(offset, count));
                offset += count;
            }

            stream.Complete();
        }

        return output.ToArray();
    }
}
