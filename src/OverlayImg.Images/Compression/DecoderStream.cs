using System.Runtime.ExceptionServices;
using OverlayImg.Images.Streams;

namespace OverlayImg.Images.Compression;

/// <summary>What the decoders share: they count what they gave, and say so in their errors.</summary>
/// <param name="where">For messages.</param>
internal abstract class DecoderStream(InputLocation where) : ForwardStream
{
    private long _position;
    private ExceptionDispatchInfo? _failure;

    public sealed override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty) return 0;
        // A library's state is undefined after an error: a second read could give bytes.
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

    /// <summary>Fills some of <paramref name="buffer"/>, which is not empty; 0 only at the true end.</summary>
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
