using System.Numerics;
using System.Runtime.InteropServices;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.Builders;

/// <summary>The hashes of the store paths that a scan looks for.</summary>
internal sealed class StoreHashes
{
    // Bits for each hash: so many that one bit in sixteen is set, and nearly everything that is no hash of the store is passed over by one look.
    private const int BitsPerHash = 16;
    private const ulong Spread = 0x9E3779B97F4A7C15;

    private readonly Dictionary<Hash, int> _indices;
    private readonly ulong[] _filter;
    private readonly int _shift;

    private readonly record struct Hash(ulong First, ulong Second, ulong Third, ulong Fourth);

    /// <summary>Takes the hashes of <paramref name="paths"/>; a path without one is found nowhere.</summary>
    /// <param name="paths">Absolute. Of several with one hash the first counts: a build's <c>HASH-NAME.lock</c> comes behind its <c>HASH-NAME</c>.</param>
    public StoreHashes(IReadOnlyList<ByteString> paths)
    {
        Paths = paths;
        _indices = new(paths.Count);
        var bits = Math.Max(64, BitOperations.RoundUpToPowerOf2((uint)paths.Count * BitsPerHash));
        _filter = new ulong[bits / 64];
        _shift = 64 - BitOperations.Log2(bits);
        for (var index = 0; index < paths.Count; index++)
        {
            var hash = StorePaths.HashOf(TreePath.Name(paths[index]).Span);
            if (hash.IsEmpty || !_indices.TryAdd(MemoryMarshal.Read<Hash>(hash), index)) continue;
            var bit = BitOf(hash);
            _filter[bit >> 6] |= 1UL << bit;
        }
    }

    /// <summary>Those of all paths that a store of the host has.</summary>
    /// <exception cref="InputException">There is no such directory.</exception>
    /// <exception cref="MachineException">It may not be read.</exception>
    public static StoreHashes Of(ByteString storeDirectory, CancellationToken cancellationToken) =>
        new([.. HostTree.Names(storeDirectory, cancellationToken).Select(name => TreePath.Join(storeDirectory, name))]);

    /// <summary>The paths that were given.</summary>
    public IReadOnlyList<ByteString> Paths { get; }

    /// <summary>
    /// Adds to <paramref name="found"/> the index of each path whose hash stands in <paramref name="bytes"/>, wherever it stands: as Nix does, which
    /// asks for no slash before it and no name behind it.
    /// </summary>
    public void Search(ReadOnlySpan<byte> bytes, HashSet<int> found)
    {
        while (bytes.Length >= StorePaths.HashLength)
        {
            // From behind: one byte that is no digit at the window's end rules all of it out, and most bytes of most files are none.
            var other = bytes[..StorePaths.HashLength].LastIndexOfAnyExcept(StorePaths.Digits);
            if (other >= 0)
            {
                bytes = bytes[(other + 1)..];
                continue;
            }

            var end = bytes[StorePaths.HashLength..].IndexOfAnyExcept(StorePaths.Digits);
            var run = end < 0 ? bytes : bytes[..(StorePaths.HashLength + end)];
            SearchDigits(run, found);
            bytes = bytes[run.Length..];
        }
    }

    private void SearchDigits(ReadOnlySpan<byte> run, HashSet<int> found)
    {
        for (; run.Length >= StorePaths.HashLength; run = run[1..])
        {
            var bit = BitOf(run);
            if ((_filter[bit >> 6] & 1UL << bit) != 0 && _indices.TryGetValue(MemoryMarshal.Read<Hash>(run), out var index)) found.Add(index);
        }
    }

    private int BitOf(ReadOnlySpan<byte> hash) => (int)(MemoryMarshal.Read<ulong>(hash) * Spread >> _shift);
}
