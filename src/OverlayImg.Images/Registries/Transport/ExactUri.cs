using System.Globalization;
using System.Text;

namespace OverlayImg.Images.Registries.Transport;

/// <summary>URLs whose path and query are sent byte for byte as a server wrote them.</summary>
/// <remarks>An address may be signed, and <see cref="Uri"/> would rewrite its escapes.</remarks>
internal static class ExactUri
{
    private static readonly UriCreationOptions Options = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <summary>Reads an absolute URL; null for anything else.</summary>
    /// <param name="text">The URL. Spaces and letters outside ASCII are escaped, control characters are refused; a fragment is left out.</param>
    /// <param name="isHeader">Whether the text is a header's, whose letters outside ASCII stand for single bytes.</param>
    public static Uri? Parse(string text, bool isHeader = false)
    {
        if (Escaped(text, isHeader ? Encoding.Latin1 : Encoding.UTF8) is not { } escaped) return null;
        // The reader with the options takes a URL without a path as it is; the request line needs one.
        return Uri.TryCreate(escaped, UriKind.Absolute, out var plain) && plain.AbsolutePath.Length > 0
            && Uri.TryCreate(WithPath(escaped), in Options, out var url) ? url : null;
    }

    /// <summary>Reads a reference of a URL's answer (RFC 3986, 5.2); null where it is none.</summary>
    /// <param name="from">The URL whose answer has the reference.</param>
    /// <param name="reference">Absolute or relative, as it stands in the header.</param>
    public static Uri? Resolve(Uri from, string reference)
    {
        var text = WithoutFragment(reference.Trim());
        var origin = $"{from.Scheme}://{from.Authority}";
        if (HasScheme(text)) return Parse(text, isHeader: true);
        if (text.StartsWith("//", StringComparison.Ordinal)) return Parse($"{from.Scheme}:{text}", isHeader: true);
        if (text.StartsWith('/')) return Parse(origin + text, isHeader: true);
        if (text.Length == 0) return from;
        if (text.StartsWith('?')) return Parse(origin + PathOf(from) + text, isHeader: true);
        var (path, query) = text.IndexOf('?', StringComparison.Ordinal) is >= 0 and var at ? (text[..at], text[at..]) : (text, "");
        var directory = PathOf(from);
        return Parse(origin + WithoutDots(directory[..(directory.LastIndexOf('/') + 1)] + path) + query, isHeader: true);
    }

    /// <summary>The URL with more in its query.</summary>
    /// <param name="url">The URL.</param>
    /// <param name="query">What is added, escaped, without the question mark.</param>
    public static Uri Add(Uri url, string query)
    {
        var before = url.PathAndQuery;
        var between = !before.Contains('?', StringComparison.Ordinal) ? "?" : before[^1] is '?' or '&' ? "" : "&";
        return Parse($"{url.Scheme}://{url.Authority}{before}{between}{query}") ?? throw new ArgumentException("The query is not escaped.", nameof(query));
    }

    // Anything but a letter of ASCII would end the request line, or mean different things to different servers.
    private static string? Escaped(string text, Encoding encoding)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var value in encoding.GetBytes(WithoutFragment(text)))
        {
            if (value is < 0x20 or 0x7f) return null;
            if (value is > 0x20 and < 0x7f) escaped.Append((char)value);
            else escaped.Append(CultureInfo.InvariantCulture, $"%{value:X2}");
        }

        return escaped.ToString();
    }

    private static bool HasScheme(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && char.IsAsciiLetter(text[0]) && text[..colon].All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '+' or '-' or '.');
    }

    private static string WithoutFragment(string text) => text.IndexOf('#', StringComparison.Ordinal) is >= 0 and var at ? text[..at] : text;

    private static string PathOf(Uri url) => url.PathAndQuery.Split('?')[0];

    private static string WithPath(string text)
    {
        var authority = text.IndexOf("://", StringComparison.Ordinal) is >= 0 and var at ? at + 3 : 0;
        var end = text.AsSpan(authority).IndexOfAny('/', '?');
        return end < 0 ? text + "/" : text[authority + end] == '?' ? text.Insert(authority + end, "/") : text;
    }

    private static string WithoutDots(string path)
    {
        var kept = new List<string>();
        var parts = path.Split('/');
        foreach (var (index, part) in parts.Index())
        {
            var isLast = index == parts.Length - 1;
            if (part == ".." && kept.Count > 1) kept.RemoveAt(kept.Count - 1);
            if (part is not ("." or "..")) kept.Add(part);
            else if (isLast) kept.Add("");
        }

        return string.Join('/', kept);
    }
}
