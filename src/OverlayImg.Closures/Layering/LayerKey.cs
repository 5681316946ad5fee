namespace OverlayImg.Closures.Layering;

/// <summary>A set of paths that names a layer: those of the large paths that need what is in it. Equal sets are equal keys.</summary>
/// <param name="paths">Ascending.</param>
internal readonly struct LayerKey(int[] paths) : IEquatable<LayerKey>
{
    private readonly int[]? _paths = paths;

    /// <summary>The paths, ascending.</summary>
    public ReadOnlySpan<int> Paths => _paths;

    /// <summary>The set without the paths of <paramref name="others"/>.</summary>
    public LayerKey Without(HashSet<int> others) =>
        Overlaps(others) ? new([.. Paths.ToArray().Where(path => !others.Contains(path))]) : this;

    /// <summary>The set with one path more.</summary>
    public LayerKey With(int path) => new([.. Paths.ToArray().Append(path).Distinct().Order()]);

    /// <summary>Whether one of <paramref name="others"/> is in it.</summary>
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
