using System.Buffers.Text;

namespace OverlayImg.FileSystems.Tar;

/// <summary>One record of a PAX extended header: <c>"%d %s=%s\n", length, key, value</c>.</summary>
public sealed record PaxRecord(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value);

/// <summary>The records of a PAX extended header, in their order (POSIX.1 pax, "pax Extended Header").</summary>
public sealed class PaxRecords
{
    private readonly List<PaxRecord> _records;

    private PaxRecords(List<PaxRecord> records) => _records = records;

    /// <summary>No records.</summary>
    public static PaxRecords None { get; } = new([]);

    /// <summary>All of them, duplicates too.</summary>
    public IReadOnlyList<PaxRecord> All => _records;

    /// <summary>
    /// The value of <paramref name="key"/>: the last, where it comes several times. Null where there is none, or where it is empty, which to
    /// POSIX is the same.
    /// </summary>
    public ReadOnlyMemory<byte>? Find(ReadOnlySpan<byte> key)
    {
        for (var index = _records.Count - 1; index >= 0; index--)
        {
            if (!_records[index].Key.Span.SequenceEqual(key)) continue;
            if (_records[index].Value.IsEmpty) return null;
            return _records[index].Value;
        }

        return null;
    }

    /// <summary>Splits the content of an extended header. What is wrong with it, or null.</summary>
    internal static string? TryParse(ReadOnlyMemory<byte> content, out PaxRecords records)
    {
        records = None;
        var list = new List<PaxRecord>();
        while (!content.IsEmpty)
        {
            if (!TryParseLength(content.Span, out var length, out var digits)) return "has a PAX record without a valid length";
            var record = content[digits..(length - 1)];
            if (content.Span[length - 1] != '\n') return "has a PAX record whose length does not lead to its newline";
            var equals = record.Span.IndexOf((byte)'=');
            if (equals <= 0) return "has a PAX record without a keyword";
            var (key, value) = (record[..equals], record[(equals + 1)..]);
            if (HoldsForbiddenNul(key.Span, value.Span)) return "has a PAX record with a NUL byte where none can be";
            list.Add(new(key, value));
            content = content[length..];
        }

        records = new(list);
        return null;
    }

    // The length counts the whole record: its own digits, the space, and the newline.
    private static bool TryParseLength(ReadOnlySpan<byte> content, out int length, out int start)
    {
        start = 0;
        if (!Utf8Parser.TryParse(content, out length, out var digits) || content[0] is not (>= (byte)'0' and <= (byte)'9')) return false;
        start = digits + 1;
        return digits < content.Length && content[digits] == ' ' && length > start && length <= content.Length;
    }

    // Binary values are the point of xattrs; but a name that one reader cuts at its NUL and another does not is a trap (Go refuses it too).
    private static bool HoldsForbiddenNul(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) =>
        key.Contains((byte)0) || (IsText(key) && value.Contains((byte)0));

    private static bool IsText(ReadOnlySpan<byte> key) =>
        key.SequenceEqual(PaxKeys.Path) || key.SequenceEqual(PaxKeys.LinkPath) || key.SequenceEqual(PaxKeys.GnuSparseName)
        || key.SequenceEqual(PaxKeys.Uname) || key.SequenceEqual(PaxKeys.Gname);
}
