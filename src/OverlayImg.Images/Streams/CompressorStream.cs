namespace OverlayImg.Images.Streams;

/// <summary>
/// A write-only stream that compresses. Only <see cref="Complete"/> ends the compressed data. Disposing of the stream
/// alone leaves data that every reader recognizes as truncated.
/// </summary>
public abstract class CompressorStream : WriteOnlyStream
{
    /// <summary>Writes the remaining data and the end of the format. Nothing may be written afterwards.</summary>
    public abstract void Complete();
}
