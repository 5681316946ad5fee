using System.Buffers.Binary;

namespace OverlayImg.FileSystems.Tests.Ext4;

/// <summary>Shorthands that make nodes and trees for tests.</summary>
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

    /// <summary>Makes a directory with <paramref name="count"/> names that <paramref name="name"/> makes from numbers.</summary>
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

    /// <summary>Makes an access control list in the system call's form.</summary>
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

/// <summary>Content whose bytes depend on their offset. Data bytes are never zero.</summary>
internal sealed class PatternContent : FileContent
{
    private const int Values = 255;

    private readonly DataExtent[] _extents;
    private readonly long[] _ends;

    public PatternContent(long length, DataExtent[]? extents = null)
    {
        Length = length;
        _extents = extents ?? (length == 0 ? [] : [new(0, length)]);
        _ends = [.. _extents.Select(extent => extent.Offset + extent.Length)];
    }

    public override long Length { get; }

    public override IEnumerable<DataExtent> DataExtents => _extents;

    protected override void ReadCore(long offset, Span<byte> buffer)
    {
        buffer.Clear();
        var end = offset + buffer.Length;
        // A binary search, because files of 20,000 extents are read in pieces.
        var first = Array.BinarySearch(_ends, offset + 1);
        for (var index = first < 0 ? ~first : first; index < _extents.Length && _extents[index].Offset < end; index++)
        {
            var extent = _extents[index];
            var from = Math.Max(extent.Offset, offset);
            Fill(from, buffer[(int)(from - offset)..(int)(Math.Min(extent.Offset + extent.Length, end) - offset)]);
        }
    }

    // Each byte is 31 more than the previous one, and each block starts with another value.
    private static void Fill(long offset, Span<byte> bytes)
    {
        var value = 0;
        for (var index = 0; index < bytes.Length; index++)
        {
            var at = offset + index;
            value = index == 0 || at % 4096 == 0 ? (int)(((at * 31) + (at / 4096 * 7)) % Values) : (value + 31) % Values;
            bytes[index] = (byte)(1 + value);
        }
    }
}
