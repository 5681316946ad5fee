using System.Globalization;
using System.Text;

namespace OverlayImg.Images.Registries.Transport;

/// <summary>Parses URLs so that the path and the query are sent byte for byte as a server wrote them.</summary>
/// <remarks>A URL may be signed. <see cref="Uri"/> would rewrite percent-encoded characters and so break the signature.</remarks>
internal static class ExactUri
{
    private static readonly UriCreationOptions Options = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <summary>Parses an absolute URL; null if the text is not one.</summary>
    /// <param name="text">The URL. Spaces and non-ASCII characters are escaped, control characters are refused, and a
    /// fragment is dropped.</param>
    /// <param name="isHeader">Whether the text is a header's value decoded as Latin-1, so that each non-ASCII character
    /// is one byte.</param>
    public static Uri? Parse(string text, bool isHeader = false)
    {
        if (Escaped(text, isHeader ? Encoding.Latin1 : Encoding.UTF8) is not { } escaped) return null;
        // The parser with these options does not add the path "/" to a URL without a path, but the request line needs a path.
        return Uri.TryCreate(escaped, UriKind.Absolute, out var plain) && plain.AbsolutePath.Length > 0
            && Uri.TryCreate(WithPath(escaped), in Options, out var url) ? url : null;
    }

    /// <summary>Resolves an absolute or relative URL in a response header (RFC 3986, 5.2); null if the URL is invalid.</summary>
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

    /// <summary>Appends <paramref name="query"/> to the query of a URL. The text is percent-encoded and has no question mark.</summary>
    public static Uri Add(Uri url, string query)
    {
        var before = url.PathAndQuery;
        var between = !before.Contains('?', StringComparison.Ordinal) ? "?" : before[^1] is '?' or '&' ? "" : "&";
        return Parse($"{url.Scheme}://{url.Authority}{before}{between}{query}")
            ?? throw new ArgumentException("The query is not escaped.", nameof(query));
    }

    // A space or a control character would end the request line. Servers interpret unescaped non-ASCII characters in different ways.
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
        return colon > 0 && char.IsAsciiLetter(text[0])
            && text[..colon].All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '+' or '-' or '.');
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
