using System.Buffers;
using System.Globalization;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;

namespace OverlayImg.Images.TarSums;

/// <summary>Makes the bytes that TarSum version 1 hashes before an entry's content: keys and values without separators.</summary>
internal sealed class TarSumHeader
{
    private readonly ArrayBufferWriter<byte> _text = new();

    /// <summary>Returns the bytes for an entry, which are valid until the next call.</summary>
    public ReadOnlySpan<byte> Of(TarEntry entry)
    {
        _text.ResetWrittenCount();
        var isGlobal = entry.TypeFlag == TarTypeFlag.GlobalExtendedHeader;
        // Go sets only the name and the records of a global header.
        Add("name"u8, isGlobal && entry.PaxRecords.Find("path"u8) is { } path ? path.Span : entry.RawName.Span);
        Add("mode"u8, isGlobal ? 0 : entry.Mode);
        Add("uid"u8, isGlobal ? 0 : entry.Uid);
        Add("gid"u8, isGlobal ? 0 : entry.Gid);
        Add("size"u8, entry.Size);
        Add("typeflag"u8, [(byte)entry.TypeFlag]);
        Add("linkname"u8, isGlobal ? default : entry.LinkName.Span);
        // Since Go 1.10 the values are left out, so that old checksums of archives without names stay valid.
        Add("uname"u8, []);
        Add("gname"u8, []);
        Add("devmajor"u8, isGlobal ? 0 : entry.DevMajor);
        Add("devminor"u8, isGlobal ? 0 : entry.DevMinor);
        AddAttributes(entry.PaxRecords);
        return _text.WrittenSpan;
    }

    private void AddAttributes(PaxRecords records)
    {
        SortedDictionary<ByteString, ByteString>? attributes = null;
        foreach (var record in records.All)
        {
            var key = record.Key.Span;
            if (key.StartsWith("SCHILY.xattr."u8)) (attributes ??= [])[new(key["SCHILY.xattr."u8.Length..])] = new(record.Value.Span);
        }

        if (attributes is null) return;
        // Go drops attributes with an empty value. moby's list of names starts with as many empty names as there are
        // attributes, so that an attribute without a name is hashed that many more times.
        var present = attributes.Where(attribute => !attribute.Value.IsEmpty).ToArray();
        foreach (var (name, value) in present)
        {
            for (var repeat = name.IsEmpty ? present.Length : 0; repeat > 0; repeat--) Add(name.Span, value.Span);
            Add(name.Span, value.Span);
        }
    }

    private void Add(ReadOnlySpan<byte> key, long value)
    {
        Span<byte> digits = stackalloc byte[20];
        value.TryFormat(digits, out var length, default, CultureInfo.InvariantCulture);
        Add(key, digits[..length]);
    }

    private void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        _text.Write(key);
        _text.Write(value);
    }
}
