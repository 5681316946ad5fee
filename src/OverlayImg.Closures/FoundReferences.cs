using OverlayImg.FileSystems;

namespace OverlayImg.Closures;

/// <summary>A store path that was found by its name and is not among the known ones.</summary>
/// <param name="Name">Its name, without the store's directory: <c>HASH-NAME</c>.</param>
/// <param name="Place">Where it was found, for messages: a path in a tree, or what else was searched.</param>
internal sealed record UnknownReference(ByteString Name, ByteString Place);

/// <summary>The store paths that something refers to.</summary>
internal sealed class FoundReferences
{
    private readonly HashSet<int> _known = [];

    // By hash: a name that the end of a buffer cuts is found again in the next buffer, whole.
    private readonly SortedDictionary<ByteString, UnknownReference> _unknown = [];

    /// <summary>What is searched now, for messages.</summary>
    public ByteString Place { get; set; } = ByteString.Empty;

    /// <summary>Indices of the known paths (<see cref="StoreHashes.Paths"/>).</summary>
    public IReadOnlyCollection<int> Known => _known;

    /// <summary>The paths of the store that are not known, sorted by name.</summary>
    public IEnumerable<UnknownReference> Unknown => _unknown.Values;

    /// <summary>Adds a known path.</summary>
    public void Add(int index) => _known.Add(index);

    /// <summary>Adds a path that is not known by its name.</summary>
    public void AddUnknown(ReadOnlySpan<byte> name) => Add(new UnknownReference(new(name), Place));

    /// <summary>Adds all that <paramref name="other"/> has. The result does not depend on the order of such calls.</summary>
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
