namespace OverlayImg.Closures.Layering;

/// <summary>The key of a layer: the set of large paths that need the paths in the layer. Equal sets are equal keys.</summary>
/// <param name="paths">Indices of the large paths, ascending.</param>
internal readonly struct LayerKey(int[] paths) : IEquatable<LayerKey>
{
    private readonly int[]? _paths = paths;

    /// <summary>The indices, ascending.</summary>
    public ReadOnlySpan<int> Paths => _paths;

    /// <summary>Returns the set without <paramref name="others"/>.</summary>
    public LayerKey Without(HashSet<int> others) =>
        Overlaps(others) ? new([.. Paths.ToArray().Where(path => !others.Contains(path))]) : this;

    /// <summary>Returns the set with one more path.</summary>
    public LayerKey With(int path) => new([.. Paths.ToArray().Append(path).Distinct().Order()]);

    /// <summary>Whether the set has one of <paramref name="others"/>.</summary>
    public bool Overlaps(HashSet<int> others)
    {
        foreach (var path in Paths)
        {
            if (others.Contains(path)) return true;
        }

        return false;
    }

    /// <inheritdoc/>
    public bool Equals(LayerKey other) => Paths.SequenceEqual(other.Paths);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is LayerKey other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var path in Paths) hash.Add(path);
        return hash.ToHashCode();
    }
}
