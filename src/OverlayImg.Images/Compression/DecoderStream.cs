using System.Runtime.ExceptionServices;
using OverlayImg.Images.Streams;

namespace OverlayImg.Images.Compression;

/// <summary>The base class of decoders, which counts the decoded bytes for the offsets in errors.</summary>
internal abstract class DecoderStream(InputLocation where) : ForwardStream
{
    private long _position;
    private ExceptionDispatchInfo? _failure;

    public sealed override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty) return 0;
        // The state of a library is undefined after an error, so that another read could return wrong bytes.
        _failure?.Throw();
        try
        {
            var count = Decode(buffer);
            _position += count;
            return count;
        }
        catch (InputException exception)
        {
            _failure = ExceptionDispatchInfo.Capture(exception);
            throw;
        }
    }

    /// <summary>Fills a part of <paramref name="buffer"/>, which is not empty; returns 0 only at the end of the data.</summary>
    protected abstract int Decode(Span<byte> buffer);

    protected InputException Truncated(string format) => new($"ends in the middle of its {format} data", where with { Offset = _position })
    {
        Advice = "It is truncated: copy or download it again.",
    };

    protected InputException Corrupt(string format, string reason, Exception? innerException = null) =>
        new($"can't be decompressed: its {format} data is corrupt ({reason})", where with { Offset = _position }, innerException);

    protected InputException TooDemanding(string format, int mebibytes) =>
        new($"asks for more than {mebibytes} MiB of memory to decompress its {format} data", where)
        {
            Advice = "Compress it again with a smaller window.",
        };
}
