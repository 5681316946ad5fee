using OverlayImg.FileSystems;

namespace OverlayImg.Closures;

/// <summary>
/// Reads which store paths belong to an image, and what they refer to. Takes, by content, what Nix writes: <c>exportReferencesGraph</c>'s text,
/// closureInfo's <c>registration</c>, <c>nix path-info --json --recursive</c>; or a plain list of paths, one per line, as
/// <c>nix-store --query --requisites</c> and closureInfo's <c>store-paths</c> have them.
/// </summary>
internal static class ClosureFile
{
    // A whole NixOS has a few thousand paths, each with some twenty references of a hundred bytes.
    private const int MaximumLength = 64 << 20;

    /// <summary>Reads it.</summary>
    /// <param name="path">The file or pipe; <c>-</c> is stdin.</param>
    /// <param name="storeDirectory">Where all paths must lie: absolute, without a slash at the end.</param>
    /// <exception cref="InputException">It can't be read, names what is no store path, refers to a path that it does not have, or says two things
    /// of one path.</exception>
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
        // What stands behind the last line's end is no line.
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
            if (!IsSame(paths[info.Path], info)) throw new InputException($"names {info.Path} twice, with other references or another hash", new(file));
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
                "Give whole store paths without what is in them. Where the store is not /nix/store, name its directory.", ClosureSetting.StoreDirectory),
        };

    /// <summary>The error for a path that is referred to and not there.</summary>
    public static InputException IsNotClosed(ByteString path, ByteString missing, string file) =>
        new($"is not closed: {path} refers to {missing}, which it does not have", new(file))
        {
            Advice = "Give the whole closure, as nix-store --query --requisites or nix path-info --recursive has it.",
        };
}
