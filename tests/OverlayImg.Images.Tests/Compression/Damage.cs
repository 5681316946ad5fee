using OverlayImg.Images.Compression;

namespace OverlayImg.Images.Tests.Compression;

/// <summary>What the tests of damaged compressed data share.</summary>
internal static class Damage
{
    /// <summary>What damaged data may unpack to at most before a test calls it a bomb, in bytes.</summary>
    private const int Limit = 256 << 20;

    /// <summary>zstd of the tool's own.</summary>
    public static byte[] Compress(byte[] data)
    {
        using var output = new MemoryStream();
        using (var stream = Compressor.Open(output, CompressionFormat.Zstd))
        {
            stream.Write(data);
            stream.Complete();
        }

        return output.ToArray();
    }

    public static byte[] Decompress(byte[] compressed, CompressionFormat format)
    {
        using var stream = new GuardedStream(Decompression.Open(new MemoryStream(compressed), format, new("x")), Limit, new("x"));
        using var result = new MemoryStream();
        stream.CopyTo(result);
        return result.ToArray();
    }

    /// <summary>The message of the error that reading must end with.</summary>
    public static string Error(byte[] compressed, CompressionFormat format) =>
        Assert.Throws<InputException>(() => Decompress(compressed, format)).Describe();

    /// <summary>
    /// Damages data at random (the same in every run): bytes change, vanish, appear and move. Reading must give <paramref name="original"/>, or fail by an
    /// <see cref="InputException"/>; any other exception ends the test.
    /// </summary>
    /// <param name="compressed">The sound data.</param>
    /// <param name="format">Its format.</param>
    /// <param name="original">What it unpacks to. Null where the format can't tell: then any data will do.</param>
    /// <param name="count">Number of mutations.</param>
    public static void Mutate(byte[] compressed, CompressionFormat format, byte[]? original, int count)
    {
        var random = new Random(count);
        var refused = 0;
        for (var number = 0; number < count; number++)
        {
            var damaged = compressed.ToList();
            for (var changes = random.Next(1, 4); changes > 0; changes--)
            {
                var index = random.Next(damaged.Count);
                var length = Math.Min(random.Next(1, 9), damaged.Count - index);
                switch (random.Next(5))
                {
                    case 0:
                        damaged[index] ^= (byte)(1 << random.Next(8));
                        break;
                    case 1:
                        damaged[index] = (byte)random.Next(256);
                        break;
                    case 2:
                        damaged.RemoveRange(index, length);
                        break;
                    case 3:
                        damaged.InsertRange(index, damaged.GetRange(random.Next(damaged.Count - length + 1), length));
                        break;
                    default:
                        for (var at = index; at < index + length; at++) damaged[at] = 0xFF;
                        break;
                }
            }

            try
            {
                var result = Decompress([.. damaged], format);
                if (original is not null) Assert.True(result.AsSpan().SequenceEqual(original), $"Mutation {number} was taken for data.");
            }
            catch (InputException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, count / 2, count);
    }

    /// <summary>Half of it compresses well, half not at all; the same in every run.</summary>
    public static byte[] Data(int size)
    {
        var data = new byte[size];
        new Random(size).NextBytes(data.AsSpan(0, size / 2));
        return data;
    }
}
