using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.Closures;

/// <summary>The hashes of the store paths that a scan looks for.</summary>
internal sealed class StoreHashes
{
    // 16 bits for each hash: at most one bit in sixteen is set, so one lookup rejects almost all text that is no hash of the store.
    private const int BitsPerHash = 16;
    private const ulong Spread = 0x9E3779B97F4A7C15;

    private readonly Dictionary<Hash, int> _indices;
    private readonly ulong[] _filter;
    private readonly int _shift;
    private readonly byte[] _prefix;

    private readonly record struct Hash(ulong First, ulong Second, ulong Third, ulong Fourth);

    /// <summary>Takes the hashes of <paramref name="paths"/>. A path without a hash is never found.</summary>
    /// <param name="paths">
    /// Absolute. Of several paths with one hash the first is found: <c>HASH-NAME</c> comes before a build's
    /// <c>HASH-NAME.lock</c>.
    /// </param>
    /// <param name="storeDirectory">
    /// Path of the store, without a slash at the end. A path in the store that is not in <paramref name="paths"/> is
    /// found as an unknown name.
    /// </param>
    public StoreHashes(IReadOnlyList<ByteString> paths, ByteString storeDirectory)
    {
        Paths = paths;
        _prefix = [.. storeDirectory.Span, (byte)'/'];
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

    /// <summary>Takes the hashes of all paths in a store of the host; none if the host has no such directory.</summary>
    /// <exception cref="MachineException">The store can't be read.</exception>
    public static StoreHashes Of(ByteString storeDirectory, CancellationToken cancellationToken)
    {
        IReadOnlyList<ByteString> names = HostTree.IsDirectory(storeDirectory) ? HostTree.Names(storeDirectory, cancellationToken) : [];
        return new([.. names.Select(name => TreePath.Join(storeDirectory, name))], storeDirectory);
    }

    /// <summary>The paths that can be found.</summary>
    public IReadOnlyList<ByteString> Paths { get; }

    /// <summary>Length in bytes of the longest text that names a store path. Pieces of a search must overlap by one byte less.</summary>
    public int LongestName => _prefix.Length + StorePaths.MaximumNameLength;

    /// <summary>
    /// Adds to <paramref name="found"/> the index of each path whose hash is anywhere in <paramref name="bytes"/>. As
    /// with Nix, no slash before the hash and no name after it is needed. A store path with another hash is added by
    /// its name, but only where the bytes have the whole path.
    /// </summary>
    public void Search(ReadOnlySpan<byte> bytes, FoundReferences found)
    {
        for (var start = 0; start <= bytes.Length - StorePaths.HashLength;)
        {
            // The window is checked from its end: a byte there that is no digit excludes all of the window. Most bytes
            // of most files are no digits.
            var others = ~DigitMask(bytes.Slice(start, StorePaths.HashLength));
            if (others != 0)
            {
                start += StorePaths.HashLength - BitOperations.LeadingZeroCount(others);
                continue;
            }

            var end = bytes[start..].IndexOfAnyExcept(StorePaths.Digits);
            var run = end < 0 ? bytes[start..] : bytes.Slice(start, end);
            var isUnknown = !SearchDigits(run, found) && run.Length == StorePaths.HashLength;
            if (isUnknown && NameAt(bytes, start) is { IsEmpty: false } name) found.AddUnknown(name);
            start += run.Length;
        }
    }

    /// <summary>Returns a bit for each of 32 bytes, the lowest bit for the first byte. The bit is set if the byte is a digit.</summary>
    private static uint DigitMask(ReadOnlySpan<byte> window)
    {
        var bytes = Vector256.Create(window);
        var decimals = Vector256.LessThanOrEqual(bytes - Vector256.Create((byte)'0'), Vector256.Create((byte)9));
        var letters = Vector256.LessThanOrEqual(bytes - Vector256.Create((byte)'a'), Vector256.Create((byte)('z' - 'a')));
        // Nix's base-32 alphabet leaves out e, o, t and u.
        var others = Vector256.Equals(bytes, Vector256.Create((byte)'e')) | Vector256.Equals(bytes, Vector256.Create((byte)'o'))
            | Vector256.Equals(bytes, Vector256.Create((byte)'t')) | Vector256.Equals(bytes, Vector256.Create((byte)'u'));
        return (decimals | Vector256.AndNot(letters, others)).ExtractMostSignificantBits();
    }

    private bool SearchDigits(ReadOnlySpan<byte> run, FoundReferences found)
    {
        var isKnown = false;
        for (var start = 0; start <= run.Length - StorePaths.HashLength; start++)
        {
            var hash = run.Slice(start, StorePaths.HashLength);
            var bit = BitOf(hash);
            if ((_filter[bit >> 6] & 1UL << bit) != 0 && _indices.TryGetValue(MemoryMarshal.Read<Hash>(hash), out var index))
            {
                found.Add(index);
                isKnown = true;
            }
        }

        return isKnown;
    }

    // Returns the name of the store path whose hash is at an offset. Derivations are left out: Nix's own database names
    // them, but no image needs them.
    private ReadOnlySpan<byte> NameAt(ReadOnlySpan<byte> bytes, int start)
    {
        if (!bytes[..start].EndsWith(_prefix)) return default;
        var name = StorePaths.NixNameAt(bytes[start..]);
        return name.EndsWith(".drv"u8) ? default : name;
    }

    private int BitOf(ReadOnlySpan<byte> hash) => (int)(MemoryMarshal.Read<ulong>(hash) * Spread >> _shift);
}
