using OverlayImg.Testing;

namespace OverlayImg.FileSystems.Tests.Tar;

/// <summary>
/// A reader of damaged small archives of every dialect returns a tree or throws <see cref="InputException"/>, in bounded memory.
/// </summary>
public sealed class TarFuzzTests
{
    private const int RoundsPerArchive = 1500;
    private const long MostMemory = 64 << 20;

    [Theory]
    [InlineData("v7", 1)]
    [InlineData("oldgnu", 2)]
    [InlineData("gnu", 3)]
    [InlineData("ustar", 4)]
    [InlineData("posix", 5)]
    [InlineData("posix -S --sparse-version=0.0", 6)]
    [InlineData("posix -S --sparse-version=0.1", 7)]
    [InlineData("posix -S --sparse-version=1.0", 8)]
    [InlineData("gnu -S", 9)]
    [InlineData("posix --xattrs", 10)]
    [InlineData("posix --pax-option=comment=x,mtime:=1.5", 11)]
    public async Task Damaged_archives_are_read_or_refused(string format, int seed)
    {
        using var directory = new TemporaryDirectory();
        var canBeLong = format is not ("v7" or "ustar");
        var isSparse = format.Contains("-S", StringComparison.Ordinal);
        await Tool.BashAsync($"""
            mkdir d; cd d; echo hello > f; ln f g; ln -s f l; mkdir -p a/b; ln -s a s
            if {(canBeLong ? "true" : "false")}; then
                long=$(printf '%0120d' 0); echo x > $long; ln -s $long$long ls; chown 3000000 $long; setfattr -n user.x -v y f; mknod n c 1 3
            fi
            if {(isSparse ? "true" : "false")}; then
                truncate -s 1M hole; for i in 1 3 5 7 9 11; do printf x | dd of=hole bs=4096 seek=$i conv=notrunc status=none; done
            fi
            tar --format={format} -cf ../a.tar .
            """, directory.Path);
        var valid = await File.ReadAllBytesAsync(directory["a.tar"], Archives.None);
        Assert.NotEmpty(Archives.Read(valid).Tree.Root.SortedEntries());
        var random = new Random(seed);
        var refused = 0;
        for (var round = 0; round < RoundsPerArchive; round++)
        {
            var damaged = Damage(valid, random);
            await File.WriteAllBytesAsync(directory["damaged.tar"], damaged, Archives.None);
            if (!TryRead(directory["damaged.tar"], $"seed {seed}, round {round}")) refused++;
        }

        // Damage without any effect would test nothing, and so would damage that every checksum detects.
        Assert.InRange(refused, RoundsPerArchive / 50, RoundsPerArchive - (RoundsPerArchive / 50));
    }

    private static bool TryRead(string path, string round)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            using var source = ByteSource.Open(path);
            var tree = Archives.Read(source).Tree;
            foreach (var (_, node) in tree.Walk())
            {
                if (node is RegularFileNode { Content.Length: < 1 << 20 } file) file.Content.Read(0, new byte[file.Content.Length]);
            }

            return true;
        }
        catch (InputException error)
        {
            Assert.NotNull(error.Where.Offset);
            return false;
        }
        finally
        {
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < MostMemory, round);
        }
    }

    private static byte[] Damage(byte[] valid, Random random)
    {
        var bytes = valid.ToList();
        for (var count = random.Next(1, 4); count > 0; count--)
        {
            var blocks = bytes.Count / 512;
            var block = random.Next(blocks) * 512;
            switch (random.Next(8))
            {
                case 0:
                    bytes.RemoveRange(block, Math.Min(512, bytes.Count - block));
                    break;
                case 1:
                    bytes.InsertRange(block, bytes.GetRange(random.Next(blocks) * 512, 512));
                    break;
                case 2:
                    bytes.RemoveRange(random.Next(bytes.Count - 1), 1);
                    break;
                case 3 when bytes.Count > 2048:
                    bytes.RemoveRange(1024 + random.Next(bytes.Count - 1024), 1);
                    break;
                default:
                    // Damages a field and corrects the checksum, so that the reader does not stop at the checksum.
                    var (offset, length) = Fields[random.Next(Fields.Length)];
                    for (var index = 0; index < length; index++)
                    {
                        if (random.Next(3) == 0) bytes[block + offset + index] = Interesting[random.Next(Interesting.Length)];
                    }

                    SetChecksum(bytes, block);
                    break;
            }

            if (bytes.Count < 1024) break;
        }

        return [.. bytes];
    }

    private static readonly (int Offset, int Length)[] Fields =
    [
        (0, 100), (100, 8), (108, 8), (124, 12), (124, 12), (136, 12), (156, 1), (156, 1), (157, 100), (257, 8), (329, 16), (345, 155), (386, 97),
        (482, 13), (0, 512),
    ];

    private static readonly byte[] Interesting = [0, 1, 0x80, 0xFF, .. "079/. \n=xgLKS125,"u8];

    private static void SetChecksum(List<byte> bytes, int block)
    {
        var sum = 8 * ' ';
        for (var index = 0; index < 512; index++) sum += index is >= 148 and < 156 ? 0 : bytes[block + index];
        var text = RawTar.Latin1(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ");
        for (var index = 0; index < 8; index++) bytes[block + 148 + index] = text[index];
    }
}
