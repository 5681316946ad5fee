using System.Buffers;
using OverlayImg.FileSystems;

namespace OverlayImg.Closures;

/// <summary>The form of store paths: <c>STORE/HASH-NAME</c>, the hash being 32 digits of Nix's base 32.</summary>
internal static class StorePaths
{
    /// <summary>Digits of the hash.</summary>
    public const int HashLength = 32;

    /// <summary>Bytes of the longest name that Nix gives, the hash included.</summary>
    public const int MaximumNameLength = HashLength + 1 + 211;

    private static readonly SearchValues<byte> NameBytes =
        SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+-._?="u8);

    /// <summary>The digits that Nix writes hashes with: no e, o, u and t, so that none spells a word.</summary>
    public static SearchValues<byte> Digits { get; } = SearchValues.Create("0123456789abcdfghijklmnpqrsvwxyz"u8);

    /// <summary>The store's directory as paths in it begin: without slashes at its end.</summary>
    /// <exception cref="InputException">It is not absolute.</exception>
    public static ByteString Directory(ByteString directory)
    {
        if (!directory.Span.StartsWith("/"u8)) throw new InputException($"the store directory '{directory}' is not absolute");
        return new(directory.Span.TrimEnd((byte)'/'));
    }

    /// <summary>Whether <paramref name="path"/> is a name directly in the store.</summary>
    /// <param name="path">Absolute.</param>
    /// <param name="storeDirectory">Without a slash at its end.</param>
    public static bool IsIn(ByteString path, ByteString storeDirectory) =>
        path.Span.StartsWith(storeDirectory.Span) && path.Span[storeDirectory.Length..] is [(byte)'/', .. var name] && DirectoryNode.IsValidName(name);

    /// <summary>The store path that <paramref name="path"/> is, or lies in; null for a path outside the store.</summary>
    public static ByteString? Containing(ByteString path, ByteString storeDirectory)
    {
        if (!path.Span.StartsWith(storeDirectory.Span) || path.Span[storeDirectory.Length..] is not [(byte)'/', .. var rest]) return null;
        var slash = rest.IndexOf((byte)'/');
        var storePath = new ByteString(path.Span[..(slash < 0 ? path.Length : storeDirectory.Length + 1 + slash)]);
        return IsIn(storePath, storeDirectory) ? storePath : null;
    }

    /// <summary>Whether the path's name is one that Nix gives: a hash, and a name of its letters.</summary>
    public static bool HasNixName(ByteString path)
    {
        var name = TreePath.Name(path).Span;
        return name.Length <= MaximumNameLength && !HashOf(name).IsEmpty && name[(HashLength + 1)..] is { IsEmpty: false } rest && !rest.ContainsAnyExcept(NameBytes);
    }

    /// <summary>
    /// The name of a store path that <paramref name="text"/> begins with; empty where there is none. A full stop at its end belongs to a sentence.
    /// </summary>
    public static ReadOnlySpan<byte> NixNameAt(ReadOnlySpan<byte> text)
    {
        text = text[..Math.Min(text.Length, MaximumNameLength)];
        if (HashOf(text).IsEmpty) return default;
        var end = text[(HashLength + 1)..].IndexOfAnyExcept(NameBytes);
        var name = (end < 0 ? text : text[..(HashLength + 1 + end)]).TrimEnd((byte)'.');
        return name.Length > HashLength + 1 ? name : default;
    }

    /// <summary>The hash that <paramref name="name"/> (of a store path, without its directory) begins with; empty where it has none.</summary>
    public static ReadOnlySpan<byte> HashOf(ReadOnlySpan<byte> name)
    {
        var hasHash = name.Length > HashLength && name[HashLength] == '-' && !name[..HashLength].ContainsAnyExcept(Digits);
        return hasHash ? name[..HashLength] : default;
    }

    /// <summary>The directories that lead to a store, itself among them: <c>nix</c> and <c>nix/store</c>.</summary>
    public static IEnumerable<ByteString> Above(ByteString storeDirectory)
    {
        var store = new ByteString(storeDirectory.Span.Trim((byte)'/'));
        for (var index = 0; index < store.Length; index++)
        {
            if (store.Span[index] == '/') yield return new(store.Span[..index]);
        }

        yield return store;
    }
}
