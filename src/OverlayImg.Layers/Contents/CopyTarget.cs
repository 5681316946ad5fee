using System.Text;

namespace OverlayImg.Layers.Contents;

/// <summary>The place and the owner of a copy.</summary>
/// <param name="Destination">
/// Path in the image. A relative path starts at the image's working directory. A path that ends with a slash is a directory.
/// </param>
/// <param name="Owner">Name or number of the user that owns the copy; null for the default.</param>
/// <param name="Group">Name or number of the group; null for the group that belongs to <paramref name="Owner"/>.</param>
public sealed record CopyTarget(string Destination, string? Owner = null, string? Group = null)
{
    /// <summary>The form of <see cref="Parse"/>, for messages.</summary>
    public const string Form = @"SRC:DST, SRC:DST:OWNER or SRC:DST:OWNER:GROUP, with \: for a colon in a name, and a path as SRC, not - for stdin";

    // Linux's PATH_MAX without the NUL.
    private const int MaximumLength = 4095;

    /// <summary>Whether the destination starts at the image's working directory.</summary>
    public bool IsRelative => !Destination.StartsWith('/');

    /// <summary>
    /// Parses <c>SRC:DST[:OWNER[:GROUP]]</c>. A backslash before a colon or a backslash makes the character a part of the name. An empty
    /// OWNER or GROUP is the default.
    /// </summary>
    /// <returns>The source of the copy; null for any other text.</returns>
    public static ContentsSource? Parse(string text)
    {
        var fields = Fields(text);
        if (fields.Count is < 2 or > 4) return null;
        return Of(fields[0], fields[1], fields.ElementAtOrDefault(2), fields.ElementAtOrDefault(3));
    }

    /// <summary>Makes the source of a copy. An empty owner or group is the default.</summary>
    /// <returns>The source; null if the source is empty or stdin, or the destination can't be a path.</returns>
    public static ContentsSource? Of(string source, string destination, string? owner, string? group)
    {
        var isPath = destination.Length > 0 && Encoding.UTF8.GetByteCount(destination) <= MaximumLength;
        if (!isPath || source is ("" or InputFile.StandardInput)) return null;
        if (new[] { source, destination, owner, group }.Any(text => text?.Contains('\0', StringComparison.Ordinal) == true)) return null;
        return new(source) { Copy = new(destination, NotEmpty(owner), NotEmpty(group)) };
    }

    private static string? NotEmpty(string? text) => text is "" ? null : text;

    private static List<string> Fields(string text)
    {
        var fields = new List<string>();
        var field = new StringBuilder();
        for (var index = 0; index < text.Length; index++)
        {
            if (text[index] == '\\' && index + 1 < text.Length && text[index + 1] is (':' or '\\')) field.Append(text[++index]);
            else if (text[index] != ':') field.Append(text[index]);
            else
            {
                fields.Add(field.ToString());
                field.Clear();
            }
        }

        fields.Add(field.ToString());
        return fields;
    }
}
