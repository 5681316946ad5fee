using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OverlayImg.Images.Json;

/// <summary>JSON documents that we write: compact UTF-8.</summary>
public static class JsonBytes
{
    // No part of a web page: "+gzip" may stay readable.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What <paramref name="write"/> writes.</summary>
    public static byte[] Of(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Options)) write(writer);
        return buffer.WrittenSpan.ToArray();
    }
}
