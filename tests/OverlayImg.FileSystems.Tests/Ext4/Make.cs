using System.Buffers.Binary;

namespace OverlayImg.FileSystems.Tests.Ext4;

/// <summary>Short words for trees in tests.</summary>
internal static class Make
{
    public static Metadata Plain { get; } = new(0x1A4, 0, 0, new(1_700_000_000, 123_456_789), ExtendedAttributes.None);

    public static FileTree Tree(params (string Name, FileNode Node)[] entries) => new(Directory(entries));

    public static DirectoryNode Directory(params (string Name, FileNode Node)[] entries)
    {
        var directory = new DirectoryNode(Plain with { Permissions = 0x1ED });
        foreach (var (name, node) in entries) directory.Set(ByteString.FromText(name), node);
        return directory;
    }

    /// <summary>A directory of names made from numbers.</summary>
    public static DirectoryNode Many(int count, Func<int, string> name, Func<FileNode> node) =>
        Directory([.. Enumerable.Range(0, count).Select(number => (name(number), node()))]);

    public static RegularFileNode File(string text = "content\n", Metadata? metadata = null) =>
        new(metadata ?? Plain, new MemoryContent(ByteString.FromText(text).Memory));

    public static RegularFileNode Sized(long length) => new(Plain, new PatternContent(length));

    public static RegularFileNode Sparse(long length, params DataExtent[] extents) => new(Plain, new PatternContent(length, extents));

    public static SymbolicLinkNode Link(string target, Metadata? metadata = null) => new(metadata ?? Plain, ByteString.FromText(target));

    public static ExtendedAttributes Xattrs(params (string Name, byte[] Value)[] attributes) =>
        ExtendedAttributes.Of(attributes.Select(pair => new ExtendedAttribute(ByteString.FromText(pair.Name), new(pair.Value))));

    public static Metadata With(params (string Name, byte[] Value)[] attributes) => Plain with { ExtendedAttributes = Xattrs(attributes) };

    public static byte[] Bytes(int count, int seed = 1)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>An access control list as the system call has it.</summary>
    public static byte[] Acl(params (ushort Tag, ushort Permissions, uint Id)[] entries)
    {
        var value = new byte[4 + (8 * entries.Length)];
        BinaryPrimitives.WriteUInt32LittleEndian(value, 2);
        for (var index = 0; index < entries.Length; index++)
        {
            var entry = value.AsSpan(4 + (8 * index));
            BinaryPrimitives.WriteUInt16LittleEndian(entry, entries[index].Tag);
            BinaryPrimitives.WriteUInt16LittleEndian(entry[2..], entries[index].Permissions);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], entries[index].Id);
        }

        return value;
    }
}

/// <summary>Content whose every byte follows from its offset, never zero where there is data.</summary>
internal sealed class PatternContent(long length, DataExtent[]? extents = null) : FileContent
{
    public override long Length => length;

    public override IEnumerable<DataExtent> DataExtents => extents ?? base.DataExtents;

    protected override void ReadCore(long offset, Span<byte> buffer)
    {
        buffer.Clear();
        foreach (var extent in DataExtents)
        {
            var from = Math.Max(extent.Offset, offset);
            var to = Math.Min(extent.Offset + extent.Length, offset + buffer.Length);
            for (var at = from; at < to; at++) buffer[(int)(at - offset)] = (byte)(1 + (((at * 31) + (at / 4096 * 7)) % 255));
        }
    }
}
