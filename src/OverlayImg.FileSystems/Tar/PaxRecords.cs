using System.Buffers.Text;

namespace OverlayImg.FileSystems.Tar;

/// <summary>A record of a PAX extended header: <c>"%d %s=%s\n", length, key, value</c>.</summary>
public sealed record PaxRecord(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value);

/// <summary>The records of a PAX extended header in the archive's order (POSIX pax, "pax Extended Header").</summary>
public sealed class PaxRecords
{
    private readonly List<PaxRecord> _records;

    private PaxRecords(List<PaxRecord> records) => _records = records;

    /// <summary>An empty list of records.</summary>
    public static PaxRecords None { get; } = new([]);

    /// <summary>All records, including duplicates.</summary>
    public IReadOnlyList<PaxRecord> All => _records;

    /// <summary>
    /// The last value of <paramref name="key"/>. Null where the header has no such record, or where the value is empty, which means the same
    /// in POSIX.
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

    /// <summary>Splits the content of an extended header. Returns what is wrong with the content, or null.</summary>
    internal static string? TryParse(ReadOnlyMemory<byte> content, out PaxRecords records)
    {
        records = None;
        var list = new List<PaxRecord>();
        while (!content.IsEmpty)
        {
            if (!TryParseLength(content.Span, out var length, out var digits)) return "has a PAX record without a valid length";
            var record = content[digits..(length - 1)];
            if (content.Span[length - 1] != '\n') return "has a PAX record with a wrong length: the record does not end with a newline";
            var equals = record.Span.IndexOf((byte)'=');
            if (equals <= 0) return "has a PAX record without a keyword";
            var (key, value) = (record[..equals], record[(equals + 1)..]);
            if (HoldsForbiddenNul(key.Span, value.Span)) return "has a PAX record with a NUL byte in its keyword or in a name";
            list.Add(new(key, value));
            content = content[length..];
        }

        records = new(list);
        return null;
    }

    // The length is that of the whole record: its own digits, the space, and the newline.
    private static bool TryParseLength(ReadOnlySpan<byte> content, out int length, out int start)
    {
        start = 0;
        if (!Utf8Parser.TryParse(content, out length, out var digits) || content[0] is not (>= (byte)'0' and <= (byte)'9')) return false;
        start = digits + 1;
        return digits < content.Length && content[digits] == ' ' && length > start && length <= content.Length;
    }

    // Values of extended attributes may be binary. A NUL in a name is refused, as by Go, because some readers cut the name there and others don't.
    private static bool HoldsForbiddenNul(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) =>
        key.Contains((byte)0) || (IsText(key) && value.Contains((byte)0));

    private static bool IsText(ReadOnlySpan<byte> key) =>
        key.SequenceEqual(PaxKeys.Path) || key.SequenceEqual(PaxKeys.LinkPath) || key.SequenceEqual(PaxKeys.GnuSparseName)
        || key.SequenceEqual(PaxKeys.Uname) || key.SequenceEqual(PaxKeys.Gname);
}
