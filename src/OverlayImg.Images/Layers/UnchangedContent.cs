using System.Security.Cryptography;
using OverlayImg.FileSystems;
using OverlayImg.Images.Digests;

namespace OverlayImg.Images.Layers;

/// <summary>
/// Content that was hashed before, and is hashed again where it is read from front to back: a file that was written to without a new time shows at the
/// end at the latest.
/// </summary>
/// <param name="content">The content.</param>
/// <param name="digest">What it had.</param>
/// <param name="where">For the message.</param>
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
