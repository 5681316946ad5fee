using System.Globalization;
using OverlayImg.FileSystems;

namespace OverlayImg.Closures;

/// <summary>
/// Reads the two text formats in which Nix writes a closure. Each path has a line for the path; for <c>nix-store
/// --load-db</c> (closureInfo's <c>registration</c>) two lines for hash and size of its Nix archive; a line for its
/// deriver, which may be empty; a line for the number of its references; and a line for each reference.
/// </summary>
/// <param name="lines">The lines of the text. The first line is a path.</param>
/// <param name="file">Path of the file, for messages.</param>
internal sealed class ReferenceGraphText(IReadOnlyList<ByteString> lines, string file)
{
    private int _next;

    private enum Form
    {
        Graph,
        Registration,
    }

    /// <summary>Whether the third line is a number, as it is in both formats, but not in a plain list of paths.</summary>
    public static bool IsOne(IReadOnlyList<ByteString> lines) => lines.Count >= 3 && Number(lines[2]) is not null;

    /// <summary>Returns the paths, in the order of the text.</summary>
    /// <exception cref="InputException">The text ends early, or has a line that is not the expected number or hash.</exception>
    public IEnumerable<StorePathInfo> Read()
    {
        var form = lines[1].IsEmpty || lines[1].Span.StartsWith("/"u8) ? Form.Graph : Form.Registration;
        while (_next < lines.Count)
        {
            var path = lines[_next++];
            NarDigest? nar = form == Form.Registration ? ReadNar(path) : null;
            _ = NextLine(path);
            var count = ReadNumber(path, "number of references");
            var references = new List<ByteString>();
            for (; count > 0; count--) references.Add(NextLine(path));
            yield return new(path, references, nar);
        }
    }

    private NarDigest ReadNar(ByteString path)
    {
        var text = NextLine(path);
        var hash = NixHash.Parse(text.ToString()) ?? throw Wrong($"'{text}' is no SHA-256 hash, but the hash of {path} is expected here");
        return new(hash, ReadNumber(path, "size of the Nix archive"));
    }

    private long ReadNumber(ByteString path, string what)
    {
        var text = NextLine(path);
        return Number(text) ?? throw Wrong($"'{text}' is no number, but the {what} of {path} is expected here");
    }

    private ByteString NextLine(ByteString path) =>
        _next < lines.Count ? lines[_next++] : throw new InputException($"ends in the middle of the entry for {path}", new(file));

    // _next is the index of the next line, which is the number of the current line.
    private InputException Wrong(string what) => new($"line {_next.ToString(CultureInfo.InvariantCulture)}: {what}", new(file));

    private static long? Number(ByteString line) =>
        long.TryParse(line.Span, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
