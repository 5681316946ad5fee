using System.Buffers;
using System.Buffers.Text;

namespace OverlayImg.FileSystems.Tar;

/// <summary>Reads and escapes extended attributes in PAX records.</summary>
internal static class PaxAttributes
{
    /// <summary>
    /// Reads the extended attributes. Where an attribute is in both forms (bsdtar writes both), its raw bytes count. Returns null where an
    /// attribute can't be decoded.
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
    /// Appends a name with '=' and '%' escaped as <c>%3D</c> and <c>%25</c>, as GNU tar does, because '=' would end the keyword.
    /// </summary>
    public static void AppendEscapedName(ReadOnlySpan<byte> name, IBufferWriter<byte> output)
    {
        foreach (var value in name) output.Write(value switch { (byte)'=' => "%3D"u8, (byte)'%' => "%25"u8, _ => [value] });
    }

    // The escapes that GNU tar writes and decodes. Decoding others would change names of other writers.
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

    // libarchive omits the padding.
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
