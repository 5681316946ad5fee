using OverlayImg.FileSystems;

namespace OverlayImg.Closures;

/// <summary>
/// Reads a closure file: the store paths of an image, and their references. The format is detected by content. Formats
/// of Nix are the text of <c>exportReferencesGraph</c>, closureInfo's <c>registration</c>, and the output of <c>nix
/// path-info --json --recursive</c>. A plain list has one path in each line, as <c>nix-store --query --requisites</c>
/// and closureInfo's <c>store-paths</c> have.
/// </summary>
internal static class ClosureFile
{
    // The closure of a whole NixOS has a few thousand paths, each with some twenty references of a hundred bytes.
    private const int MaximumLength = 64 << 20;

    /// <summary>Reads the file.</summary>
    /// <param name="path">A file or a pipe; <c>-</c> is standard input.</param>
    /// <param name="storeDirectory">Absolute path of the store, without a slash at the end. All paths must be in this store.</param>
    /// <exception cref="InputException">
    /// The file can't be read, names a path that is no store path, refers to a path that it does not list, or lists a
    /// path twice with different data.
    /// </exception>
    public static ClosureListing Read(string path, ByteString storeDirectory)
    {
        var text = InputFile.ReadAll(path, MaximumLength, "a closure");
        if (text.AsSpan().TrimStart(" \t\r\n"u8) is [(byte)'{' or (byte)'[', ..])
            return new(Checked(new PathInfoJson(storeDirectory).Read(text, new(path)), storeDirectory, path), HasReferences: true);
        var lines = Lines(text);
        if (ReferenceGraphText.IsOne(lines))
            return new(Checked(new ReferenceGraphText(lines, path).Read(), storeDirectory, path), HasReferences: true);
        var plain = lines.Where(line => !line.IsEmpty).Select(line => new StorePathInfo(line, []));
        return new(Checked(plain, storeDirectory, path), HasReferences: false);
    }

    private static List<ByteString> Lines(ReadOnlySpan<byte> text)
    {
        var lines = new List<ByteString>();
        foreach (var range in text.Split((byte)'\n')) lines.Add(new(text[range].TrimEnd((byte)'\r')));
        // A line end at the end of the text starts no further line.
        if (lines is [.., { IsEmpty: true }]) lines.RemoveAt(lines.Count - 1);
        return lines;
    }

    private static StorePathInfo[] Checked(IEnumerable<StorePathInfo> entries, ByteString storeDirectory, string file)
    {
        var paths = new SortedDictionary<ByteString, StorePathInfo>();
        foreach (var entry in entries)
        {
            foreach (var path in entry.References.Prepend(entry.Path))
            {
                if (!StorePaths.IsIn(path, storeDirectory)) throw IsNoStorePath(path, storeDirectory, file);
            }

            var info = entry with { References = [.. entry.References.Distinct().Order()] };
            if (paths.TryAdd(info.Path, info)) continue;
            if (!IsSame(paths[info.Path], info))
                throw new InputException($"names {info.Path} twice, with different references or hashes", new(file));
        }

        foreach (var info in paths.Values)
        {
            if (info.References.FirstOrDefault(reference => !paths.ContainsKey(reference)) is { IsEmpty: false } missing)
                throw IsNotClosed(info.Path, missing, file);
        }

        return [.. paths.Values];
    }

    private static bool IsSame(StorePathInfo left, StorePathInfo right) => left.References.SequenceEqual(right.References) && left.Nar == right.Nar;

    private static InputException IsNoStorePath(ByteString path, ByteString storeDirectory, string file) =>
        new($"names '{path}', which is no path directly in the store {storeDirectory}", new(file))
        {
            Advice = new(
                "Give store paths without the files in them. If the store is not /nix/store, give its directory.", ClosureSetting.StoreDirectory),
        };

    /// <summary>Creates the error for a reference to a path that the file does not list.</summary>
    public static InputException IsNotClosed(ByteString path, ByteString missing, string file) =>
        new($"is not closed: {path} refers to {missing}, which the file does not list", new(file))
        {
            Advice = "Give the whole closure, as nix-store --query --requisites or nix path-info --recursive lists it.",
        };
}
