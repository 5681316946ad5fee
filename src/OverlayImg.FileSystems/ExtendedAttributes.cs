using System.Collections;

namespace OverlayImg.FileSystems;

/// <summary>An extended attribute: its full name (<c>user.x</c>, <c>security.capability</c>, <c>system.posix_acl_access</c>)
/// and its value bytes as <c>getxattr(2)</c> returns them.</summary>
public sealed record ExtendedAttribute(ByteString Name, ByteString Value);

/// <summary>The extended attributes of one node: an immutable list, sorted by name, without duplicates.</summary>
public sealed class ExtendedAttributes : IReadOnlyList<ExtendedAttribute>, IEquatable<ExtendedAttributes>
{
    private readonly ExtendedAttribute[] _sorted;

    private ExtendedAttributes(ExtendedAttribute[] sorted) => _sorted = sorted;

    /// <summary>The empty list, shared by all nodes without attributes.</summary>
    public static ExtendedAttributes None { get; } = new([]);

    /// <inheritdoc/>
    public int Count => _sorted.Length;

    /// <inheritdoc/>
    public ExtendedAttribute this[int index] => _sorted[index];

    /// <summary>Makes a sorted list. Of several attributes with the same name, the last one is kept.</summary>
    public static ExtendedAttributes Of(IEnumerable<ExtendedAttribute> attributes)
    {
        var byName = new SortedDictionary<ByteString, ByteString>();
        foreach (var (name, value) in attributes) byName[name] = value;
        return byName.Count == 0 ? None : new([.. byName.Select(pair => new ExtendedAttribute(pair.Key, pair.Value))]);
    }

    /// <summary>The value of the attribute <paramref name="name"/>, or null where the node has no such attribute.</summary>
    public ByteString? Find(ReadOnlySpan<byte> name)
    {
        foreach (var attribute in _sorted)
        {
            if (attribute.Name.Span.SequenceEqual(name)) return attribute.Value;
        }

        return null;
    }

    /// <summary>Makes a list in which <paramref name="name"/> has <paramref name="value"/>; all other attributes stay.</summary>
    public ExtendedAttributes With(ByteString name, ByteString value) => Of(_sorted.Append(new(name, value)));

    /// <summary>Makes a list of the attributes for which <paramref name="keep"/> returns true.</summary>
    public ExtendedAttributes Where(Func<ExtendedAttribute, bool> keep)
    {
        var kept = Array.FindAll(_sorted, attribute => keep(attribute));
        return kept.Length == _sorted.Length ? this : kept.Length == 0 ? None : new(kept);
    }

    /// <inheritdoc/>
    public bool Equals(ExtendedAttributes? other) => other is not null && _sorted.AsSpan().SequenceEqual(other._sorted);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ExtendedAttributes);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var attribute in _sorted) hash.Add(attribute);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public IEnumerator<ExtendedAttribute> GetEnumerator() => ((IEnumerable<ExtendedAttribute>)_sorted).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
