using System.Security.Cryptography;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.FileSystems.Nar;
using OverlayImg.Images.Digests;

namespace OverlayImg.Closures;

/// <summary>Computes the hash and size that Nix registers for a store path, for closures that come without them.</summary>
internal static class NarHashing
{
    private static readonly HostTreeOptions Reading = new() { Uid = 0, Gid = 0, Xattrs = false };

    /// <summary>
    /// Returns hash and size of each path's Nix archive, in the order of <paramref name="paths"/>. Missing ones are computed on all cores.
    /// </summary>
    /// <exception cref="InputException">
    /// A path does not exist, has an entry that a Nix archive can't hold, or changed while it was read.
    /// </exception>
    /// <exception cref="MachineException">A file can't be read.</exception>
    public static IReadOnlyList<NarDigest> Of(IReadOnlyList<StorePathInfo> paths, CancellationToken cancellationToken)
    {
        var digests = new NarDigest[paths.Count];
        ParallelWork.Run(Enumerable.Range(0, paths.Count), index => digests[index] = paths[index].Nar ?? Of(paths[index].Path, cancellationToken),
            cancellationToken);
        return digests;
    }

    /// <summary>Returns hash and size of the Nix archive of <paramref name="path"/> on the host.</summary>
    /// <exception cref="InputException">
    /// The path does not exist, has an entry that a Nix archive can't hold, or changed while it was read.
    /// </exception>
    /// <exception cref="MachineException">A file can't be read.</exception>
    public static NarDigest Of(ByteString path, CancellationToken cancellationToken)
    {
        var node = HostTree.ReadNode(path, Reading, cancellationToken) ?? throw ReferenceScan.IsMissing(path);
        using var stream = new HashedOutput();
        try
        {
            var size = NarWriter.Write(node, stream, cancellationToken);
            return new(stream.Digest(), size);
        }
        catch (InputException exception)
        {
            throw exception.At(new(path.ToString()));
        }
    }

    /// <summary>Hashes the bytes that are written, and discards them.</summary>
    private sealed class HashedOutput : WriteOnlyStream
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public Digest Digest() => Images.Digests.Digest.FromHash(_hash.GetHashAndReset());

        public override void Write(ReadOnlySpan<byte> buffer) => _hash.AppendData(buffer);

        protected override void Dispose(bool disposing)
        {
            if (disposing) _hash.Dispose();
            base.Dispose(disposing);
        }
    }
}
