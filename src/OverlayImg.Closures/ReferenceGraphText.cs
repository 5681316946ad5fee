using System.Globalization;
using OverlayImg.FileSystems;

namespace OverlayImg.Closures;

/// <summary>
/// Reads the two texts that Nix writes a closure in. Both have for each path: the path; for <c>nix-store --load-db</c> (closureInfo's
/// <c>registration</c>) also hash and size of its archive; its deriver or an empty line; how many references follow; one line for each.
/// </summary>
/// <param name="lines">The text's lines, the first of them a path.</param>
/// <param name="file">For messages.</param>
internal sealed class ReferenceGraphText(IReadOnlyList<ByteString> lines, string file)
{
    private int _next;

    /// <summary>The form of these lines.</summary>
    private enum Form
    {
        Graph,
        Registration,
    }

    /// <summary>Whether the lines are such a text, and not a plain list of paths: their third is a number.</summary>
    public static bool IsOne(IReadOnlyList<ByteString> lines) => lines.Count >= 3 && Number(lines[2]) is not null;

    /// <summary>The paths, in the order of the text.</summary>
    /// <exception cref="InputException">It ends early, or has something else where a number or a hash should be.</exception>
    public IEnumerable<StorePathInfo> Read()
    {
        var form = lines[1].IsEmpty || lines[1].Span.StartsWith("/"u8) ? Form.Graph : Form.Registration;
        while (_next < lines.Count)
        {
            var path = lines[_next++];
            NarDigest? nar = form == Form.Registration ? ReadNar(path) : null;
            _ = NextLine(path);
            var count = ReadNumber(path, "the number of its references");
            var references = new List<ByteString>();
            for (; count > 0; count--) references.Add(NextLine(path));
            yield return new(path, references, nar);
        }
    }

    private NarDigest ReadNar(ByteString path)
    {
        var text = NextLine(path);
        var hash = NixHash.Parse(text.ToString()) ?? throw Wrong($"'{text}' is no SHA-256 hash, but the one of {path} should stand there");
        return new(hash, ReadNumber(path, "the size of its archive"));
    }

    private long ReadNumber(ByteString path, string what)
    {
        var text = NextLine(path);
        return Number(text) ?? throw Wrong($"'{text}' is no number, but for {path} {what} should stand there");
    }

    private ByteString NextLine(ByteString path) =>
        _next < lines.Count ? lines[_next++] : throw new InputException($"ends in the middle of what it says of {path}", new(file));

    // _next counts from nought and is one further already.
    private InputException Wrong(string what) => new($"line {_next.ToString(CultureInfo.InvariantCulture)}: {what}", new(file));

    private static long? Number(ByteString line) =>
        long.TryParse(line.Span, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
