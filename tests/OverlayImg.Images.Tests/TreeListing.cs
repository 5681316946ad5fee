using System.Globalization;
using System.Security.Cryptography;
using OverlayImg.FileSystems;

namespace OverlayImg.Images.Tests;

/// <summary>Lists a tree for comparison, one line for each name, with everything that a container can see.</summary>
internal static class TreeListing
{
    /// <summary>
    /// Lists type, mode, owner, device numbers, extended attributes, link target or content, and hard links. Times of
    /// directories are left out.
    /// </summary>
    public static string[] Of(FileTree tree)
    {
        var firstPaths = new Dictionary<FileNode, string>();
        var lines = new List<string>();
        foreach (var (path, node) in tree.Walk())
        {
            if (node is SpecialNode { Type: FileType.Socket }) continue;
            var name = "/" + path;
            var link = firstPaths.TryGetValue(node, out var first) ? $" ={first}" : "";
            firstPaths.TryAdd(node, name);
            lines.Add($"{name} {node.Type} {Convert.ToString(node.Permissions, 8)} {node.Uid}:{node.Gid}{Attributes(node)}{Specifics(node)}{link}");
        }

        return [.. lines];
    }

    private static string Attributes(FileNode node) =>
        string.Concat(node.ExtendedAttributes
            .Where(attribute => attribute.Name != ByteString.FromText("trusted.overlay.origin")
                && !(node is DirectoryNode && attribute.Name == ByteString.FromText("trusted.overlay.opaque")))
            .Select(attribute => $" {attribute.Name}={Convert.ToHexString(attribute.Value.Span)}"));

    private static string Specifics(FileNode node) => node switch
    {
        SymbolicLinkNode link => $" -> {link.Target}",
        SpecialNode special => string.Create(CultureInfo.InvariantCulture, $" {special.Major}:{special.Minor}"),
        RegularFileNode file => string.Create(CultureInfo.InvariantCulture,
            $" {file.ModificationTime.Seconds} {file.Content.Length} {Hash(file.Content)}"),
        _ => "",
    };

    private static string Hash(FileContent content)
    {
        var bytes = new byte[content.Length];
        content.Read(0, bytes);
        return Convert.ToHexString(SHA256.HashData(bytes))[..12];
    }
}
