using System.Buffers;
using OverlayImg.FileSystems;

namespace OverlayImg.Closures;

/// <summary>The form of store paths: <c>STORE/HASH-NAME</c>, where the hash has 32 digits of Nix's base 32.</summary>
internal static class StorePaths
{
    /// <summary>Number of digits in the hash.</summary>
    public const int HashLength = 32;

    /// <summary>Length in bytes of the longest name that Nix gives, hash included.</summary>
    public const int MaximumNameLength = HashLength + 1 + 211;

    private static readonly SearchValues<byte> NameBytes =
        SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+-._?="u8);

    /// <summary>The digits of Nix's base 32. The letters e, o, t and u are missing, so that no hash spells a word.</summary>
    public static SearchValues<byte> Digits { get; } = SearchValues.Create("0123456789abcdfghijklmnpqrsvwxyz"u8);

    /// <summary>Returns the store's directory without slashes at the end.</summary>
    /// <exception cref="InputException">The directory is not absolute.</exception>
    public static ByteString Directory(ByteString directory)
    {
        if (!directory.Span.StartsWith("/"u8)) throw new InputException($"the store directory '{directory}' is not absolute");
        return new(directory.Span.TrimEnd((byte)'/'));
    }

    /// <summary>Whether <paramref name="path"/> is an entry directly in the store.</summary>
    /// <param name="path">Absolute path.</param>
    /// <param name="storeDirectory">Path of the store, without a slash at the end.</param>
    public static bool IsIn(ByteString path, ByteString storeDirectory) =>
        path.Span.StartsWith(storeDirectory.Span) && path.Span[storeDirectory.Length..] is [(byte)'/', .. var name]
        && DirectoryNode.IsValidName(name);

    /// <summary>Returns the store path that is or contains <paramref name="path"/>; null for a path outside the store.</summary>
    public static ByteString? Containing(ByteString path, ByteString storeDirectory)
    {
        if (!path.Span.StartsWith(storeDirectory.Span) || path.Span[storeDirectory.Length..] is not [(byte)'/', .. var rest]) return null;
        var slash = rest.IndexOf((byte)'/');
        var storePath = new ByteString(path.Span[..(slash < 0 ? path.Length : storeDirectory.Length + 1 + slash)]);
        return IsIn(storePath, storeDirectory) ? storePath : null;
    }

    /// <summary>Whether Nix could have given the path's name: a hash, a dash, and bytes that Nix allows.</summary>
    public static bool HasNixName(ByteString path)
    {
        var name = TreePath.Name(path).Span;
        return name.Length <= MaximumNameLength && !HashOf(name).IsEmpty
            && name[(HashLength + 1)..] is { IsEmpty: false } rest && !rest.ContainsAnyExcept(NameBytes);
    }

    /// <summary>
    /// Returns the name of a store path at the start of <paramref name="text"/>; empty if there is none. Full stops at
    /// the end are not part of the name, because they may end a sentence.
    /// </summary>
    public static ReadOnlySpan<byte> NixNameAt(ReadOnlySpan<byte> text)
    {
        text = text[..Math.Min(text.Length, MaximumNameLength)];
        if (HashOf(text).IsEmpty) return default;
        var end = text[(HashLength + 1)..].IndexOfAnyExcept(NameBytes);
        var name = (end < 0 ? text : text[..(HashLength + 1 + end)]).TrimEnd((byte)'.');
        return name.Length > HashLength + 1 ? name : default;
    }

    /// <summary>
    /// Returns the hash at the start of <paramref name="name"/> (a store path without its directory); empty if there is none.
    /// </summary>
    public static ReadOnlySpan<byte> HashOf(ReadOnlySpan<byte> name)
    {
        var hasHash = name.Length > HashLength && name[HashLength] == '-' && !name[..HashLength].ContainsAnyExcept(Digits);
        return hasHash ? name[..HashLength] : default;
    }

    /// <summary>Returns the directories above a store and the store itself: <c>nix</c> and <c>nix/store</c>.</summary>
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
