using OverlayImg.Images.Compression;

namespace OverlayImg.Images.Tests.Compression;

/// <summary>Makes and reads damaged compressed data.</summary>
internal static class Damage
{
    /// <summary>Maximum number of bytes that damaged data may decompress to. More bytes count as a decompression bomb.</summary>
    private const int Limit = 256 << 20;

    /// <summary>Compresses data with the tool's zstd encoder.</summary>
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

    /// <summary>Decompresses data, which must fail, and returns the error's message.</summary>
    public static string Error(byte[] compressed, CompressionFormat format) =>
        Assert.Throws<InputException>(() => Decompress(compressed, format)).Describe();

    /// <summary>
    /// Changes, removes, inserts and moves bytes at random positions, the same in every run. Reading must return
    /// <paramref name="original"/> or throw <see cref="InputException"/>. Any other exception fails the test.
    /// </summary>
    /// <param name="compressed">The undamaged data.</param>
    /// <param name="format">The format of the data.</param>
    /// <param name="original">The decompressed data; null if the format has no checksum, so that any data is allowed.</param>
    /// <param name="count">Number of mutations.</param>
    public static void AssertNoMutationGivesWrongData(byte[] compressed, CompressionFormat format, byte[]? original, int count)
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

    /// <summary>Makes data that is the same in every run: half of it compresses well, the other half not at all.</summary>
    public static byte[] Data(int size)
    {
        var data = new byte[size];
        new Random(size).NextBytes(data.AsSpan(0, size / 2));
        return data;
    }
}
