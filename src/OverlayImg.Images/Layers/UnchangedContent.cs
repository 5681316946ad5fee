using System.Security.Cryptography;
using OverlayImg.FileSystems;
using OverlayImg.Images.Digests;

namespace OverlayImg.Images.Layers;

/// <summary>
/// File content that is compared with its former digest while it is read from front to back. A change that did not
/// alter the file's time is found when the last byte is read.
/// </summary>
/// <param name="digest">Digest that the content had before.</param>
internal sealed class UnchangedContent(FileContent content, Digest digest, InputLocation where) : FileContent
{
    private readonly Lock _lock = new();
    private IncrementalHash? _hash;
    private long _position;

    public override long Length => content.Length;

    protected override void ReadCore(long offset, Span<byte> buffer)
    {
        content.Read(offset, buffer);
        lock (_lock)
        {
            if (offset == 0)
            {
                _hash?.Dispose();
                (_hash, _position) = (IncrementalHash.CreateHash(HashAlgorithmName.SHA256), 0);
            }

            if (_hash is null || offset != _position) return;
            _hash.AppendData(buffer);
            _position += buffer.Length;
            if (_position == Length) RequireDigest(_hash);
        }
    }

    private void RequireDigest(IncrementalHash hash)
    {
        var found = Digest.FromHash(hash.GetHashAndReset());
        hash.Dispose();
        _hash = null;
        if (found == digest) return;
        throw new InputException("changed while the image was written", where) { Advice = "Run again when nothing writes to the files any more." };
    }
}
