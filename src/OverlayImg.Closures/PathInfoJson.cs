using OverlayImg.FileSystems;
using OverlayImg.Images.Json;

namespace OverlayImg.Closures;

/// <summary>
/// Reads the output of <c>nix path-info --json --recursive</c>: an array of objects with a <c>path</c> (before Nix
/// 2.19, and in <c>exportReferencesGraph</c> with structured attributes), one object with the paths as keys, or such an
/// object under <c>info</c> with names as keys (format 2 and later).
/// </summary>
/// <param name="storeDirectory">Path of the store, without a slash at the end.</param>
internal sealed class PathInfoJson(ByteString storeDirectory)
{
    /// <summary>Returns the paths, in the order of the text.</summary>
    /// <exception cref="InputException">The text is no JSON, has another structure, or says that a path is not in the store.</exception>
    public IEnumerable<StorePathInfo> Read(ReadOnlyMemory<byte> text, InputLocation where)
    {
        var document = JsonInput.Parse(text, where);
        if (document.IsArray) return document.Items().Select(item => Read(PathOf(item.Required("path").Text()), item));
        var paths = document.Has("info") && document.Has("version") ? document.Required("info") : document;
        return paths.Members().Select(member => Read(PathOf(member.Name), member.Value));
    }

    private StorePathInfo Read(ByteString path, JsonInput info)
    {
        if (info.IsNull || info.Optional("valid")?.Truth() == false)
            throw info.Wrong($"says that {path} is not in the store", "Build or fetch it first.");
        var references = info.Required("references").Items().Select(reference => PathOf(reference.Text())).ToArray();
        return new(path, references, NarOf(info));
    }

    private static NarDigest? NarOf(JsonInput info)
    {
        if (info.Optional("narHash") is not { } narHash || info.Optional("narSize") is not { } narSize) return null;
        // Format 2 has fields for the hash's algorithm, format and digits.
        var text = narHash.IsObject ? $"{narHash.Required("algorithm").Text()}:{narHash.Required("hash").Text()}" : narHash.Text();
        return new(NixHash.Parse(text) ?? throw narHash.Wrong("should be a SHA-256 hash as Nix writes it"), narSize.Size());
    }

    private ByteString PathOf(string text)
    {
        var path = ByteString.FromText(text);
        return text.Contains('/', StringComparison.Ordinal) ? path : TreePath.Join(storeDirectory, path);
    }
}
