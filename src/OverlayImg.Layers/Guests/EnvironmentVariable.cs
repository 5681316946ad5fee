using System.Text;
using OverlayImg.FileSystems;

namespace OverlayImg.Layers.Guests;

/// <summary>An environment variable of the scripts.</summary>
/// <param name="Name">ASCII letters, digits and underscores, not starting with a digit.</param>
/// <param name="Value">Any bytes except NUL.</param>
public sealed record EnvironmentVariable(string Name, ByteString Value)
{
    /// <summary>Whether bash accepts the name of a variable. Names over 255 characters are rejected, too.</summary>
    public static bool IsValidName(string name) =>
        name is { Length: > 0 and <= 255 } && !char.IsAsciiDigit(name[0])
            && name.All(character => character == '_' || char.IsAsciiLetterOrDigit(character));

    /// <summary>
    /// Whether the guest can give a script a variable of this name. A variable of a container can have a name that bash does not accept. Bash
    /// passes such a variable on to the programs that it starts.
    /// </summary>
    public static bool IsPassableName(string name) =>
        name is not ("" or "." or "..") && Encoding.UTF8.GetByteCount(name) <= 255 && name.AsSpan().IndexOfAny('/', '=', '\0') < 0;
}
