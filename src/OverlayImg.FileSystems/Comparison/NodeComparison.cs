using System.Globalization;

namespace OverlayImg.FileSystems.Comparison;

/// <summary>Compares the type, metadata, size, link target, device and hard links of two nodes at the same path, but no content.</summary>
internal sealed class NodeComparison(HardLinkGroups firstGroups, HardLinkGroups secondGroups, bool withTimes)
{
    private readonly Dictionary<(IReadOnlyList<ByteString>, IReadOnlyList<ByteString>), bool> _groups = [];

    /// <summary>Lists the aspects that differ. For nodes of different types only the type is listed.</summary>
    public List<AspectDifference> Compare(FileNode first, FileNode second)
    {
        var found = new List<AspectDifference>();
        if (!ReferenceEquals(first, second))
        {
            Note(found, "type", Describe(first.Type), Describe(second.Type));
            if (found.Count > 0) return found;
            NoteMetadata(found, first, second);
            NoteKind(found, first, second);
        }

        if (!AreSameGroup(firstGroups.Of(first), secondGroups.Of(second)))
            found.Add(new("hard links", firstGroups.Describe(first), secondGroups.Describe(second)));
        return found;
    }

    /// <summary>Returns the contents of two regular files where only reading can show whether they are equal; null otherwise.</summary>
    public static (FileContent First, FileContent Second)? ContentsToCompare(FileNode first, FileNode second)
    {
        if (first is not RegularFileNode { Content: var one } || second is not RegularFileNode { Content: var other }) return null;
        return ContentComparison.IsSameRun(one, other) ? null : (one, other);
    }

    // This method runs once for each name of a group. The cache bounds the cost: a file with n names would otherwise need n * n steps.
    private bool AreSameGroup(IReadOnlyList<ByteString>? first, IReadOnlyList<ByteString>? second)
    {
        if (first is null || second is null) return first == second;
        if (_groups.TryGetValue((first, second), out var areSame)) return areSame;
        return _groups[(first, second)] = first.Count == second.Count && first.SequenceEqual(second);
    }

    private void NoteMetadata(List<AspectDifference> found, FileNode first, FileNode second)
    {
        if (first.Permissions != second.Permissions) found.Add(new("mode", Octal(first.Permissions), Octal(second.Permissions)));
        if ((first.Uid, first.Gid) != (second.Uid, second.Gid)) found.Add(new("owner", $"{first.Uid}:{first.Gid}", $"{second.Uid}:{second.Gid}"));
        if (withTimes && first.ModificationTime != second.ModificationTime)
            found.Add(new("time", Describe(first.ModificationTime), Describe(second.ModificationTime)));
        if (!first.ExtendedAttributes.Equals(second.ExtendedAttributes)) NoteAttributes(found, first.ExtendedAttributes, second.ExtendedAttributes);
    }

    private static void NoteAttributes(List<AspectDifference> found, ExtendedAttributes first, ExtendedAttributes second)
    {
        foreach (var name in first.Concat(second).Select(attribute => attribute.Name).Distinct().Order())
        {
            var (before, after) = (first.Find(name.Span), second.Find(name.Span));
            if (before != after) found.Add(new($"xattr {name}", before?.ToString(), after?.ToString()));
        }
    }

    private static void NoteKind(List<AspectDifference> found, FileNode first, FileNode second)
    {
        switch (first, second)
        {
            case (RegularFileNode one, RegularFileNode other):
                Note(found, "size", Number(one.Content.Length), Number(other.Content.Length));
                break;
            case (SymbolicLinkNode one, SymbolicLinkNode other) when one.Target != other.Target:
                found.Add(new("target", one.Target.ToString(), other.Target.ToString()));
                break;
            case (SpecialNode one, SpecialNode other):
                Note(found, "device", $"{one.Major}:{one.Minor}", $"{other.Major}:{other.Minor}");
                break;
        }
    }

    private static void Note(List<AspectDifference> found, string aspect, string first, string second)
    {
        if (first != second) found.Add(new(aspect, first, second));
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Octal(int permissions) => Convert.ToString(permissions, 8).PadLeft(4, '0');

    // The form that date(1) accepts. DateTimeOffset can't hold every time that a file system can.
    private static string Describe(Timestamp time) =>
        string.Create(CultureInfo.InvariantCulture, $"@{time.Seconds}.{time.Nanoseconds:d9}");

    private static string Describe(FileType type) => type switch
    {
        FileType.RegularFile => "file",
        FileType.Directory => "directory",
        FileType.SymbolicLink => "symbolic link",
        FileType.CharacterDevice => "character device",
        FileType.BlockDevice => "block device",
        FileType.Fifo => "named pipe",
        _ => "socket",
    };
}
