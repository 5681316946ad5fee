using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.Images.Archives.Writing;
using OverlayImg.Images.Digests;

namespace OverlayImg.Builders.LayeredImages.StreamConfs;

/// <summary>A customisation layer that nixpkgs has made: <c>layer.tar</c> and, in <c>checksum</c>, its SHA-256.</summary>
internal sealed class MadeLayer : IDisposable
{
    private const int ChecksumLength = 64;
    private const int MaximumChecksumFile = 1 << 20;

    private readonly ByteSource _tar;
    private readonly string _file;

    private MadeLayer(ByteSource tar, string file, Digest checksum) => (_tar, _file, Checksum) = (tar, file, checksum);

    /// <summary>Mode and owner of the tar as a file of this machine: the script puts them into the archive.</summary>
    public required StreamedOwner Owner { get; init; }

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
        var tar = Path.Combine(directory, "layer.tar");
        return new(ByteSource.Open(tar), tar, checksum) { Owner = OwnerOf(tar) };
    }

    /// <summary>Refuses a tar that is not the one that was summed.</summary>
    /// <exception cref="InputException">It has another digest.</exception>
    public void Require(Digest digest)
    {
        if (digest != Checksum) throw new InputException($"has the digest {digest}, but the checksum beside it says {Checksum}", new(_file));
    }

    private static StreamedOwner OwnerOf(string tar)
    {
        var metadata = (HostTree.RealPath(tar) is { } path ? HostTree.ReadNode(path, new() { Xattrs = false }, CancellationToken.None) : null)?.Metadata
            ?? throw new InputException("does not exist", new(tar));
        return new(metadata.Permissions, metadata.Uid, metadata.Gid, HostNames.OfUser(metadata.Uid), HostNames.OfGroup(metadata.Gid));
    }

    /// <inheritdoc/>
    public void Dispose() => _tar.Dispose();
}
