using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OverlayImg.FileSystems.Tests.Ext4;

/// <summary>Lists a tree as lines of text, one for each name. Equal trees have equal lines. Bytes are decoded as Latin-1.</summary>
internal static class TreeFacts
{
    /// <summary>Size in bytes above which files are compared by size only.</summary>
    public const long LargestHashed = 256 << 20;

    public static IReadOnlyList<string> Of(FileTree tree)
    {
        var entries = tree.Walk().ToList();
        var groups = entries.ToLookup(entry => entry.Node, ReferenceEqualityComparer.Instance);
        return Sorted(entries.Where(entry => !IsLostAndFound(entry)).Select(entry => Line(entry, groups[entry.Node])));
    }

    public static IReadOnlyList<string> Sorted(IEnumerable<string> lines) => [.. lines.Order(StringComparer.Ordinal)];

    public static string Line(
        string path, char type, int permissions, uint uid, uint gid, string time, string detail, string firstName, IEnumerable<string> xattrs)
    {
        var attributes = string.Join(' ', xattrs.Order(StringComparer.Ordinal));
        return string.Create(CultureInfo.InvariantCulture,
            $"{path} | {type} {Convert.ToString(permissions, 8)} {uid} {gid} {time} {detail} | {firstName} | {attributes}");
    }

    public static string Latin(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    private static string Line(TreeEntry entry, IEnumerable<TreeEntry> group)
    {
        var node = entry.Node;
        var (type, detail) = node switch
        {
            DirectoryNode => ('d', ""),
            RegularFileNode file => ('f', $"{file.Content.Length} {HashOf(file.Content)}"),
            SymbolicLinkNode link => ('l', Latin(link.Target.Span)),
            SpecialNode { Type: FileType.CharacterDevice } device => ('c', $"{device.Major:x}:{device.Minor:x}"),
            SpecialNode { Type: FileType.BlockDevice } device => ('b', $"{device.Major:x}:{device.Minor:x}"),
            SpecialNode { Type: FileType.Fifo } => ('p', ""),
            SpecialNode { Type: FileType.Socket } => ('s', ""),
            _ => throw new InvalidOperationException(),
        };
        var first = group.Select(other => Latin(other.Path.Span)).Min(StringComparer.Ordinal)!;
        var time = string.Create(CultureInfo.InvariantCulture, $"{node.ModificationTime.Seconds}.{node.ModificationTime.Nanoseconds:d9}");
        return Line(Latin(entry.Path.Span), type, node.Permissions, node.Uid, node.Gid, time, detail, first,
            node.ExtendedAttributes.Select(attribute => $"{Latin(attribute.Name.Span)}={Convert.ToHexStringLower(attribute.Value.Span)}"));
    }

    private static string HashOf(FileContent content)
    {
        if (content.Length > LargestHashed) return "large";
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[Math.Min(1 << 20, content.Length)];
        for (var offset = 0L; offset < content.Length;)
        {
            var count = (int)Math.Min(buffer.Length, content.Length - offset);
            content.Read(offset, buffer.AsSpan(0, count));
            hash.AppendData(buffer, 0, count);
            offset += count;
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static bool IsLostAndFound(TreeEntry entry) => entry.Path.Span.SequenceEqual("lost+found"u8) && entry.Node is DirectoryNode { Count: 0 };
}
