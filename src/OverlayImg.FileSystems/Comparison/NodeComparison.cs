using System.Globalization;

namespace OverlayImg.FileSystems.Comparison;

/// <summary>What differs between two nodes of the same path, their content aside.</summary>
internal sealed class NodeComparison(HardLinkGroups firstGroups, HardLinkGroups secondGroups, bool withTimes)
{
    private readonly Dictionary<(IReadOnlyList<ByteString>, IReadOnlyList<ByteString>), bool> _groups = [];

    /// <summary>The aspects that differ. Of nodes of different kinds nothing but the kind is worth comparing.</summary>
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

    /// <summary>The contents of two files that only reading can tell apart, or null.</summary>
    public static (FileContent First, FileContent Second)? ContentsToCompare(FileNode first, FileNode second)
    {
        if (first is not RegularFileNode { Content: var one } || second is not RegularFileNode { Content: var other }) return null;
        return ContentComparison.IsSameRun(one, other) ? null : (one, other);
    }

    // Each name of a group comes here: a group is compared once, lest a file of a million names take a million times a million steps.
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

    // As date(1) takes it: a time may be one that no calendar of ours reaches.
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
