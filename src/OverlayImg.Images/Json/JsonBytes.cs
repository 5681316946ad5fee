using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OverlayImg.Images.Json;

/// <summary>Writes JSON documents as compact UTF-8.</summary>
public static class JsonBytes
{
    // The documents are never embedded in HTML, so that characters such as the plus of "+gzip" need no escape.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Returns the document that <paramref name="write"/> writes.</summary>
    public static byte[] Of(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Options)) write(writer);
        return buffer.WrittenSpan.ToArray();
    }
}
