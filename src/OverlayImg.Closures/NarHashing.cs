using System.Security.Cryptography;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.FileSystems.Nar;
using OverlayImg.Images.Digests;

namespace OverlayImg.Closures;

/// <summary>Computes what Nix registers of a store path's content, for graphs that come without it.</summary>
internal static class NarHashing
{
    private static readonly HostTreeOptions Reading = new() { Uid = 0, Gid = 0, Xattrs = false };

    /// <summary>Hash and size of each path's Nix archive, in the order of <paramref name="paths"/>: the graph's own, or computed, on all cores.</summary>
    /// <exception cref="InputException">A path is not there, holds what no Nix archive can, or changed while it was read.</exception>
    /// <exception cref="MachineException">Something may not be read.</exception>
    public static IReadOnlyList<NarDigest> Of(IReadOnlyList<StorePathInfo> paths, CancellationToken cancellationToken)
    {
        var digests = new NarDigest[paths.Count];
        ParallelWork.Run(Enumerable.Range(0, paths.Count), index => digests[index] = paths[index].Nar ?? Of(paths[index].Path, cancellationToken),
            cancellationToken);
        return digests;
    }

    /// <summary>Hash and size of the Nix archive of what stands at <paramref name="path"/> on the host.</summary>
    /// <exception cref="InputException">As for many.</exception>
    /// <exception cref="MachineException">As for many.</exception>
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

    /// <summary>Hashes what is written to it, and keeps nothing.</summary>
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
