using System.Net;
using OverlayImg.Images.Json;
using OverlayImg.Images.Registries.Transport;

namespace OverlayImg.Images.Registries.Blobs;

/// <summary>
/// A part of a blob as the body of an upload request. After the last byte, the stall timeout grows by the size of the
/// whole blob, which the registry may read again before it responds.
/// </summary>
internal sealed class BlobContent(Func<Stream> open, long length, long blobSize, StallWatch watch, Action<int> sent) : HttpContent
{
    private const int BufferSize = 256 << 10;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await using var source = open();
        var buffer = new byte[(int)Math.Min(BufferSize, length)];
        for (var left = length; left > 0;)
        {
            var count = await ReadAsync(source, buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), cancellationToken);
            await stream.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            left -= count;
            watch.Moved(count);
            sent(count);
        }

        watch.AwaitCommit(blobSize);
    }

    protected override bool TryComputeLength(out long computed)
    {
        computed = length;
        return true;
    }

    // A read error must not look like a lost connection, which would be retried.
    private static async Task<int> ReadAsync(Stream source, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            var count = await source.ReadAsync(buffer, cancellationToken);
            return count > 0 ? count : throw new MachineException("A blob became shorter while it was sent");
        }
        catch (IOException exception)
        {
            throw new MachineException($"A blob can't be read while it is sent: {JsonInput.Printable(exception.Message.TrimEnd('.'))}", exception);
        }
    }
}
