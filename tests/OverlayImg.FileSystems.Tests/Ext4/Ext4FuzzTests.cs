using OverlayImg.FileSystems.Ext4.Reading;
using OverlayImg.FileSystems.Ext4.Writing;
using OverlayImg.Testing;

namespace OverlayImg.FileSystems.Tests.Ext4;

public class Ext4FuzzTests
{
    private const int Iterations = 6000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Mutated_metadata_gives_a_tree_or_an_input_error(int seed)
    {
        using var directory = new TemporaryDirectory();
        var path = directory["disk.img"];
        Ext4Writer.Write(Sample(), path, new() { FreeInodes = 8 }, CancellationToken.None);
        var disk = File.ReadAllBytes(path);
        // Metadata ends where the data of the first file starts.
        var metadata = disk.AsSpan().IndexOf(DataMark());
        var random = new Random(seed);
        var (trees, errors) = (0, 0);
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        for (var iteration = 0; iteration < Iterations; iteration++)
        {
            var changed = new SortedDictionary<int, byte>();
            for (var change = random.Next(1, 6); change > 0; change--) Mutate(disk, changed, random, metadata);
            foreach (var (offset, value) in changed) RandomAccess.Write(file, [value], offset);
            try
            {
                using var source = ByteSource.Open(path);
                UseAll(Ext4Reader.Read(source, CancellationToken.None));
                trees++;
            }
            catch (InputException)
            {
                errors++;
            }

            foreach (var offset in changed.Keys) RandomAccess.Write(file, disk.AsSpan(offset, 1), offset);
        }

        // Mutations that only hit padding, or only the magic number, would test nothing.
        Assert.True(trees > Iterations / 50 && errors > Iterations / 50, $"{trees} trees, {errors} errors");
    }

    private static byte[] DataMark() => [.. Enumerable.Repeat("data mark "u8.ToArray(), 50).SelectMany(bytes => bytes)];

    private static FileTree Sample()
    {
        var linked = Make.File("linked");
        var acl = Make.Acl((1, 6, uint.MaxValue), (2, 4, 1000), (4, 4, uint.MaxValue), (16, 7, uint.MaxValue), (32, 0, uint.MaxValue));
        return Make.Tree(
            ("a", new RegularFileNode(Make.With(("user.a", [1, 2, 3])), new MemoryContent(DataMark()))),
            ("acl", Make.File("x", Make.With(
                ("system.posix_acl_access", acl), ("user.big", Make.Bytes(900)), ("trusted.overlay.opaque", "y"u8.ToArray())))),
            ("d", Make.Directory(("x", linked), ("y", linked), ("dd", Make.Directory(("z", Make.Link(new string('t', 100))))))),
            ("dev", new SpecialNode(Make.Plain, FileType.BlockDevice, 259, 70_000)),
            ("link", Make.Link("target")),
            ("many", Make.Many(200, number => $"a-rather-long-name-{number}", () => linked)),
            ("pieces", Make.Sparse(800 * 4096L, [.. Enumerable.Range(0, 400).Select(piece => new DataExtent(piece * 8192L, 1))])));
    }

    // Structures matter more than names: most mutations hit the superblock, used inodes, or the start of a block.
    private static void Mutate(byte[] disk, SortedDictionary<int, byte> changed, Random random, int metadata)
    {
        var offset = random.Next(5) switch
        {
            0 => 1024 + random.Next(0x180),
            1 => (4 * 4096) + random.Next(30 * 256),
            2 => (random.Next(metadata / 4096) * 4096) + random.Next(64),
            _ => random.Next(4096, metadata),
        };
        changed[offset] = random.Next(4) switch
        {
            0 => 0,
            1 => 0xFF,
            2 => (byte)(changed.GetValueOrDefault(offset, disk[offset]) ^ (1 << random.Next(8))),
            _ => (byte)random.Next(256),
        };
    }

    private static void UseAll(FileTree tree)
    {
        var buffer = new byte[4096];
        foreach (var (_, node) in tree.Walk())
        {
            if (node is not RegularFileNode { Content: var content }) continue;
            foreach (var extent in content.DataExtents) content.Read(extent.Offset, buffer.AsSpan(0, (int)Math.Min(buffer.Length, extent.Length)));
        }
    }
}
