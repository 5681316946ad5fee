using FsCheck;
using FsCheck.Fluent;
using OverlayImg.FileSystems.Ext4.Writing;

namespace OverlayImg.FileSystems.Tests.Ext4;

public class Ext4PropertyTests
{
    /// <summary>One node to add to a tree: its kind, its directory among those added before, its name, and numbers for everything else.</summary>
    private sealed record Step(int Kind, int Directory, byte[] Name, int Number, byte[] Bytes);

    [Fact]
    public void Random_trees_pass_e2fsck_and_read_back()
    {
        var step =
            from kind in Gen.Choose(0, 9)
            from directory in Gen.Choose(0, 1000)
            from name in Gen.ArrayOf(Gen.Choose(1, 255).Select(value => (byte)value)).Where(IsName)
            from number in Gen.Choose(int.MinValue, int.MaxValue)
            from bytes in Gen.ArrayOf(Gen.Choose(0, 255).Select(value => (byte)value))
            select new Step(kind, directory, name, number, bytes);
        var property = Prop.ForAll(Gen.ArrayOf(step).ToArbitrary(), steps => RoundTrips(TreeOf(steps), steps.Length % 2 == 0));
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(60).WithEndSize(300), property);
    }

    private static bool IsName(byte[] bytes) => DirectoryNode.IsValidName(bytes) && bytes.Length <= 255;

    private static bool RoundTrips(FileTree tree, bool isReadOnly)
    {
        var options = isReadOnly ? new Ext4WriterOptions { ReadOnly = true } : new Ext4WriterOptions { Size = 256 << 20 };
        // FsCheck runs properties of C# synchronously.
        using var disk = TestDisk.WriteAsync(tree, options).GetAwaiter().GetResult();
        Assert.Equal(TreeFacts.Of(tree), disk.ReaderFacts());
        return true;
    }

    private static FileTree TreeOf(Step[] steps)
    {
        var root = Make.Directory();
        var directories = new List<DirectoryNode> { root };
        var others = new List<FileNode> { Make.File() };
        foreach (var step in steps)
        {
            var directory = directories[step.Directory % directories.Count];
            var name = new ByteString(step.Name);
            if (directory.TryFind(name, out _)) continue;
            var node = NodeOf(step, others);
            if (node is DirectoryNode subdirectory) directories.Add(subdirectory);
            else others.Add(node);
            directory.Set(name, node);
        }

        return new(root);
    }

    private static FileNode NodeOf(Step step, List<FileNode> others)
    {
        var number = (uint)step.Number;
        var time = new Timestamp(step.Number + ((number % 5L) << 31), (int)(number % 1_000_000_000));
        var metadata = new Metadata((ushort)(number & 0xFFF), number, ~number, time, XattrsOf(step));
        return step.Kind switch
        {
            0 or 1 => new DirectoryNode(metadata),
            2 => new SymbolicLinkNode(metadata, new([(byte)'t', .. step.Bytes.Where(value => value != 0)])),
            3 => new SpecialNode(metadata, FileType.CharacterDevice, number % 4096, number % 1_048_576),
            4 => new SpecialNode(metadata, step.Bytes.Length % 2 == 0 ? FileType.Fifo : FileType.Socket),
            5 => others[(int)(number % (uint)others.Count)],
            6 => new RegularFileNode(metadata, new PatternContent(1 << 20, ExtentsOf(step))),
            7 => new RegularFileNode(metadata, new PatternContent(number % 100_000)),
            _ => new RegularFileNode(metadata, new MemoryContent(step.Bytes)),
        };
    }

    private static DataExtent[] ExtentsOf(Step step) =>
        [.. step.Bytes.Take(300).Select((value, index) => new DataExtent((index * 3000) + value, 700 + value))];

    private static ExtendedAttributes XattrsOf(Step step)
    {
        if (step.Number % 3 != 0) return ExtendedAttributes.None;
        return ExtendedAttributes.Of(step.Bytes.Take(20).Select((value, index) => new ExtendedAttribute(
            new([.. value % 2 == 0 ? "user."u8 : "trusted."u8, (byte)(1 + index), value == 0 ? (byte)1 : value]),
            new(step.Bytes.AsSpan(0, Math.Min(step.Bytes.Length, value))))));
    }
}
