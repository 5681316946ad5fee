using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.Images.Archives.Writing;
using OverlayImg.Images.Digests;

namespace OverlayImg.Builders.LayeredImages.StreamConfs;

/// <summary>A customisation layer that nixpkgs made: <c>layer.tar</c>, and its SHA-256 in the file <c>checksum</c>.</summary>
internal sealed class MadeLayer : IDisposable
{
    private const int ChecksumLength = 64;
    private const int MaximumChecksumFile = 1 << 20;

    private readonly ByteSource _tar;
    private readonly string _file;

    private MadeLayer(ByteSource tar, string file, Digest checksum) => (_tar, _file, Checksum) = (tar, file, checksum);

    /// <summary>Mode and owner of <c>layer.tar</c> on the host. nixpkgs' stream script copies them to the archive's entry.</summary>
    public required StreamedOwner Owner { get; init; }

    /// <summary>The SHA-256 that the file <c>checksum</c> states.</summary>
    public Digest Checksum { get; }

    /// <summary>The bytes of <c>layer.tar</c>.</summary>
    public FileContent Tar => new SourceContent(_tar, 0, _tar.Length);

    /// <summary>Opens the layer in a directory.</summary>
    /// <exception cref="InputException">A file does not exist, or the checksum is no SHA-256.</exception>
    public static MadeLayer Open(string directory)
    {
        var file = Path.Combine(directory, "checksum");
        var text = InputFile.ReadAll(file, MaximumChecksumFile, "a checksum");
        if (!Digest.TryParseHex(System.Text.Encoding.ASCII.GetString(text).Trim(), out var checksum))
            throw new InputException($"is not the {ChecksumLength} hexadecimal digits of a SHA-256", new(file));
        var tar = Path.Combine(directory, "layer.tar");
        return new(ByteSource.Open(tar), tar, checksum) { Owner = OwnerOf(tar) };
    }

    /// <summary>Checks the digest of the tar.</summary>
    /// <exception cref="InputException"><paramref name="digest"/> differs from <see cref="Checksum"/>.</exception>
    public void Require(Digest digest)
    {
        if (digest != Checksum) throw new InputException($"has the digest {digest}, but the file checksum next to it says {Checksum}", new(_file));
    }

    private static StreamedOwner OwnerOf(string tar)
    {
        var node = HostTree.RealPath(tar) is { } path ? HostTree.ReadNode(path, new() { Xattrs = false }, CancellationToken.None) : null;
        var metadata = node?.Metadata
            ?? throw new InputException("does not exist", new(tar));
        return new(metadata.Permissions, metadata.Uid, metadata.Gid, HostNames.OfUser(metadata.Uid), HostNames.OfGroup(metadata.Gid));
    }

    /// <inheritdoc/>
    public void Dispose() => _tar.Dispose();
}
