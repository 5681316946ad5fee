using System.Text;

namespace OverlayImg.FileSystems;

/// <summary>
/// A name, path, link target or attribute name as the bytes it consists of. File names on Linux have no encoding, so no
/// <see cref="string"/> stands for one until a message is printed (<see cref="ToString"/>).
/// </summary>
/// <remarks>
/// Immutable: whoever makes one from an array gives that array away. Compares byte by byte, as <c>strcmp</c> does.
/// </remarks>
public sealed class ByteString : IEquatable<ByteString>, IComparable<ByteString>
{
    private readonly byte[] _bytes;

    /// <summary>Takes over <paramref name="bytes"/>, which must not be changed afterwards.</summary>
    public ByteString(byte[] bytes) => _bytes = bytes;

    /// <summary>Copies <paramref name="bytes"/>.</summary>
    public ByteString(ReadOnlySpan<byte> bytes) => _bytes = bytes.ToArray();

    /// <summary>The empty name.</summary>
    public static ByteString Empty { get; } = new([]);

    /// <summary>The UTF-8 bytes of <paramref name="text"/>.</summary>
    public static ByteString FromText(string text) => new(Encoding.UTF8.GetBytes(text));

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Span => _bytes;

    /// <summary>The bytes, for callers that must keep them across an await.</summary>
    public ReadOnlyMemory<byte> Memory => _bytes;

    /// <summary>Number of bytes.</summary>
    public int Length => _bytes.Length;

    /// <summary>Whether there is no byte in it.</summary>
    public bool IsEmpty => Length == 0;

    /// <summary>Whether the two are the same bytes.</summary>
    public static bool operator ==(ByteString? left, ByteString? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Whether the two differ in some byte.</summary>
    public static bool operator !=(ByteString? left, ByteString? right) => !(left == right);

    /// <summary>Whether <paramref name="left"/> sorts before <paramref name="right"/>.</summary>
    public static bool operator <(ByteString left, ByteString right) => left.CompareTo(right) < 0;

    /// <summary>Whether <paramref name="left"/> sorts after <paramref name="right"/>.</summary>
    public static bool operator >(ByteString left, ByteString right) => left.CompareTo(right) > 0;

    /// <summary>Whether <paramref name="left"/> does not sort after <paramref name="right"/>.</summary>
    public static bool operator <=(ByteString left, ByteString right) => left.CompareTo(right) <= 0;

    /// <summary>Whether <paramref name="left"/> does not sort before <paramref name="right"/>.</summary>
    public static bool operator >=(ByteString left, ByteString right) => left.CompareTo(right) >= 0;

    /// <inheritdoc/>
    public bool Equals(ByteString? other) => other is not null && Span.SequenceEqual(other.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ByteString other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        // The runtime's hash is seeded per process, so that nobody can make an archive whose names all collide.
        var hash = new HashCode();
        hash.AddBytes(Span);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public int CompareTo(ByteString? other) => other is null ? 1 : Span.SequenceCompareTo(other.Span);

    /// <summary>
    /// The name for a message: printable UTF-8 as it is, every other byte as <c>\n</c>, <c>\t</c>, <c>\\</c> or <c>\ooo</c>, so that a
    /// name from an image can neither move the cursor nor pretend to be another one.
    /// </summary>
    public override string ToString() => DisplayName.Of(Span);
}
