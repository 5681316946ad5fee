namespace OverlayImg.Layers.Guests;

/// <summary>A directory of the cache that scripts can write, and that lives from run to run.</summary>
/// <param name="Name">Its name in the cache (<see cref="IsValidName"/>).</param>
/// <param name="Target">Absolute path at which scripts see it.</param>
public sealed record CacheMount(string Name, string Target)
{
    /// <summary>How many a run can have.</summary>
    public const int MaximumCount = 16;

    private const int MaximumLength = 64;

    /// <summary>Whether a cache can have this name: letters, digits, dots, dashes and underscores of ASCII, no dot or dash first, at most 64.</summary>
    public static bool IsValidName(string name) =>
        name is { Length: > 0 and <= MaximumLength } && name[0] is not ('.' or '-')
            && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_');
}
