using System.Text;

namespace OverlayImg.FileSystems;

/// <summary>
/// The bytes of a name, path, link target or attribute name. File names on Linux have no encoding, so bytes become a
/// <see cref="string"/> only when a message is printed (<see cref="ToString"/>).
/// </summary>
/// <remarks>Immutable. Comparison is bytewise, like <c>strcmp</c>.</remarks>
public sealed class ByteString : IEquatable<ByteString>, IComparable<ByteString>
{
    private readonly byte[] _bytes;

    /// <summary>Takes ownership of <paramref name="bytes"/>; the caller must not change the array afterwards.</summary>
    public ByteString(byte[] bytes) => _bytes = bytes;

    /// <summary>Copies <paramref name="bytes"/>.</summary>
    public ByteString(ReadOnlySpan<byte> bytes) => _bytes = bytes.ToArray();

    /// <summary>The empty string, which is also the path of a tree's root.</summary>
    public static ByteString Empty { get; } = new([]);

    /// <summary>Encodes <paramref name="text"/> as UTF-8.</summary>
    public static ByteString FromText(string text) => new(Encoding.UTF8.GetBytes(text));

    /// <summary>The bytes as a span, without a copy.</summary>
    public ReadOnlySpan<byte> Span => _bytes;

    /// <summary>The bytes without a copy, for callers that keep them across an await.</summary>
    public ReadOnlyMemory<byte> Memory => _bytes;

    /// <summary>Length in bytes.</summary>
    public int Length => _bytes.Length;

    /// <summary>Whether the length is 0.</summary>
    public bool IsEmpty => Length == 0;

    /// <summary>Whether both are null or have equal bytes.</summary>
    public static bool operator ==(ByteString? left, ByteString? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Whether the operands differ in at least one byte.</summary>
    public static bool operator !=(ByteString? left, ByteString? right) => !(left == right);

    /// <summary>Whether <paramref name="left"/> sorts before <paramref name="right"/>.</summary>
    public static bool operator <(ByteString left, ByteString right) => left.CompareTo(right) < 0;

    /// <summary>Whether <paramref name="left"/> sorts after <paramref name="right"/>.</summary>
    public static bool operator >(ByteString left, ByteString right) => left.CompareTo(right) > 0;

    /// <summary>Whether <paramref name="left"/> equals <paramref name="right"/> or sorts before it.</summary>
    public static bool operator <=(ByteString left, ByteString right) => left.CompareTo(right) <= 0;

    /// <summary>Whether <paramref name="left"/> equals <paramref name="right"/> or sorts after it.</summary>
    public static bool operator >=(ByteString left, ByteString right) => left.CompareTo(right) >= 0;

    /// <inheritdoc/>
    public bool Equals(ByteString? other) => other is not null && Span.SequenceEqual(other.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ByteString other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        // The runtime seeds this hash per process, so nobody can craft an archive whose names all collide.
        var hash = new HashCode();
        hash.AddBytes(Span);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public int CompareTo(ByteString? other) => other is null ? 1 : Span.SequenceCompareTo(other.Span);

    /// <summary>
    /// Formats the name for a message. Printable UTF-8 stays; every other byte becomes <c>\n</c>, <c>\t</c>, <c>\\</c> or <c>\ooo</c>,
    /// so that a name from an image can neither move the cursor nor look like another name.
    /// </summary>
    public override string ToString() => DisplayName.Of(Span);
}
