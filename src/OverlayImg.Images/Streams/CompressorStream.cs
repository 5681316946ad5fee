namespace OverlayImg.Images.Streams;

/// <summary>
/// Compresses what is written to it. Only <see cref="Complete"/> ends the compressed data: where the work fails, disposing of the stream leaves data
/// that every reader knows to be cut short.
/// </summary>
public abstract class CompressorStream : WriteOnlyStream
{
    /// <summary>Writes what is still to be written, and the end. Nothing may be written afterwards.</summary>
    public abstract void Complete();
}
