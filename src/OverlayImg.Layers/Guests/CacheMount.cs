using OverlayImg.Caching;

namespace OverlayImg.Layers.Guests;

/// <summary>A directory of the cache that scripts can write, and that persists between runs.</summary>
/// <param name="Name">Name in the cache (<see cref="IsValidName"/>).</param>
/// <param name="Target">Absolute path at which scripts see the directory.</param>
public sealed record CacheMount(string Name, string Target)
{
    /// <summary>The largest number of cache mounts in a run.</summary>
    public const int MaximumCount = 16;

    private const int MaximumLength = 64;

    /// <summary>
    /// Whether a name is valid: 1 to 64 ASCII letters, digits, dots, dashes and underscores, not starting with a dot or a dash.
    /// </summary>
    public static bool IsValidName(string name) =>
        name is { Length: > 0 and <= MaximumLength } && name[0] is not ('.' or '-')
            && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_');

    /// <summary>The names that the cache has, in alphabetical order. The cache is not changed.</summary>
    /// <exception cref="IOException">The cache can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The cache may not be read.</exception>
    public static IReadOnlyList<string> NamesIn(Cache cache) => new CacheMountStore(cache).Names();
}
