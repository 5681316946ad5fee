using OverlayImg.FileSystems;
using OverlayImg.Images;

namespace OverlayImg.Builders;

/// <summary>A customisation layer that nixpkgs has made: <c>layer.tar</c> and, in <c>checksum</c>, its SHA-256.</summary>
internal sealed class MadeLayer : IDisposable
{
    private const int ChecksumLength = 64;
    private const int MaximumChecksumFile = 1 << 20;

    private readonly ByteSource _tar;
    private readonly string _file;

    private MadeLayer(ByteSource tar, string file, Digest checksum) => (_tar, _file, Checksum) = (tar, file, checksum);

    /// <summary>What the tar's digest should be.</summary>
    public Digest Checksum { get; }

    /// <summary>The tar.</summary>
    public FileContent Tar => new SourceContent(_tar, 0, _tar.Length);

    /// <summary>Opens the layer.</summary>
    /// <exception cref="InputException">A file is not there, or the checksum is none.</exception>
    public static MadeLayer Open(string directory)
    {
        var file = Path.Combine(directory, "checksum");
        var text = InputFile.ReadAll(file, MaximumChecksumFile, "a checksum");
        if (!Digest.TryParseHex(System.Text.Encoding.ASCII.GetString(text).Trim(), out var checksum))
            throw new InputException($"is not the {ChecksumLength} hexadecimal digits of a SHA-256", new(file));
        return new(ByteSource.Open(Path.Combine(directory, "layer.tar")), Path.Combine(directory, "layer.tar"), checksum);
    }

    /// <summary>Refuses a tar that is not the one that was summed.</summary>
    /// <exception cref="InputException">It has another digest.</exception>
    public void Require(Digest digest)
    {
        if (digest != Checksum) throw new InputException($"has the digest {digest}, but the checksum beside it says {Checksum}", new(_file));
    }

    /// <inheritdoc/>
    public void Dispose() => _tar.Dispose();
}
