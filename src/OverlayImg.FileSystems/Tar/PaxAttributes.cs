using System.Buffers;
using System.Buffers.Text;

namespace OverlayImg.FileSystems.Tar;

/// <summary>Extended attributes in PAX records.</summary>
internal static class PaxAttributes
{
    /// <summary>
    /// The attributes that the records carry. Where both forms carry one (bsdtar writes both), the raw bytes count. Null if one can't be decoded.
    /// </summary>
    public static ExtendedAttributes? TryRead(PaxRecords records)
    {
        List<ExtendedAttribute>? encoded = null;
        List<ExtendedAttribute>? raw = null;
        foreach (var record in records.All)
        {
            var key = record.Key.Span;
            if (key.StartsWith(PaxKeys.SchilyXattr))
            {
                (raw ??= []).Add(new(UnescapeName(key[PaxKeys.SchilyXattr.Length..], GnuEscapes), new(record.Value.Span)));
            }
            else if (key.StartsWith(PaxKeys.LibarchiveXattr))
            {
                if (!TryDecodeBase64(record.Value.Span, out var value)) return null;
                (encoded ??= []).Add(new(UnescapeName(key[PaxKeys.LibarchiveXattr.Length..], default), value));
            }
        }

        if (encoded is null && raw is null) return ExtendedAttributes.None;
        var attributes = ExtendedAttributes.Of((encoded ?? []).Concat(raw ?? []));
        return attributes.Any(attribute => attribute.Name.IsEmpty || attribute.Name.Span.Contains((byte)0)) ? null : attributes;
    }

    /// <summary>
    /// The name as it stands in a keyword, where '=' would end it: '=' and '%' as <c>%3D</c> and <c>%25</c>, as GNU tar writes them.
    /// </summary>
    public static void AppendEscapedName(ReadOnlySpan<byte> name, IBufferWriter<byte> output)
    {
        foreach (var value in name) output.Write(value switch { (byte)'=' => "%3D"u8, (byte)'%' => "%25"u8, _ => [value] });
    }

    // What GNU tar undoes: no more than it writes, so that the names of other writers stay as they are.
    private static ReadOnlySpan<byte> GnuEscapes => "=%"u8;

    private static ByteString UnescapeName(ReadOnlySpan<byte> name, ReadOnlySpan<byte> onlyThese)
    {
        if (!name.Contains((byte)'%')) return new(name);
        var unescaped = new byte[name.Length];
        var length = 0;
        while (!name.IsEmpty)
        {
            var isEscape = TryParseEscape(name, out var value) && (onlyThese.IsEmpty || onlyThese.Contains(value));
            unescaped[length++] = isEscape ? value : name[0];
            name = name[(isEscape ? 3 : 1)..];
        }

        return new(unescaped.AsSpan(0, length));
    }

    private static bool TryParseEscape(ReadOnlySpan<byte> text, out byte value)
    {
        value = 0;
        return text.Length >= 3 && text[0] == '%' && Utf8Parser.TryParse(text[1..3], out value, out var consumed, 'x') && consumed == 2;
    }

    // libarchive leaves the padding away.
    private static bool TryDecodeBase64(ReadOnlySpan<byte> text, out ByteString value)
    {
        text = text.TrimEnd((byte)'=');
        var padded = new byte[(text.Length + 3) / 4 * 4];
        padded.AsSpan().Fill((byte)'=');
        text.CopyTo(padded);
        var status = Base64.DecodeFromUtf8InPlace(padded, out var length);
        value = new(padded.AsSpan(0, length));
        return status == OperationStatus.Done;
    }
}
