using OverlayImg.FileSystems;

namespace OverlayImg.Closures;

/// <summary>A store path that was found by its name and is not among the known store paths.</summary>
/// <param name="Name">Name of the store path, without the store's directory: <c>HASH-NAME</c>.</param>
/// <param name="Place">Where the name was found, for messages: a path in a tree, or <see cref="ClosureScan.ConfigPlace"/>.</param>
internal sealed record UnknownReference(ByteString Name, ByteString Place);

/// <summary>The store paths that a scan found.</summary>
internal sealed class FoundReferences
{
    private readonly HashSet<int> _known = [];

    // The keys are hashes: a name that the end of a buffer cuts off is found in full in the next buffer.
    private readonly SortedDictionary<ByteString, UnknownReference> _unknown = [];

    /// <summary>The place that is being scanned, for messages.</summary>
    public ByteString Place { get; set; } = ByteString.Empty;

    /// <summary>Indices of the known paths (<see cref="StoreHashes.Paths"/>).</summary>
    public IReadOnlyCollection<int> Known => _known;

    /// <summary>The unknown store paths, sorted by name.</summary>
    public IEnumerable<UnknownReference> Unknown => _unknown.Values;

    public void Add(int index) => _known.Add(index);

    /// <summary>Adds an unknown store path by its name.</summary>
    public void AddUnknown(ReadOnlySpan<byte> name) => Add(new UnknownReference(new(name), Place));

    /// <summary>Adds the results of <paramref name="other"/>. The order of such calls does not matter.</summary>
    public void Add(FoundReferences other)
    {
        _known.UnionWith(other._known);
        foreach (var reference in other.Unknown) Add(reference);
    }

    private void Add(UnknownReference reference)
    {
        var hash = new ByteString(StorePaths.HashOf(reference.Name.Span));
        if (!_unknown.TryGetValue(hash, out var present) || IsBetter(reference, present)) _unknown[hash] = reference;
    }

    private static bool IsBetter(UnknownReference left, UnknownReference right) =>
        left.Name.Length != right.Name.Length ? left.Name.Length > right.Name.Length : left.Place.CompareTo(right.Place) < 0;
}
