using System.Text;
using System.Text.Json.Nodes;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.Builders;

/// <summary>
/// Which store paths an image needs by itself, where no closure says it: those that its customisation layer and its config name, found as Nix finds
/// references (spec dockertools, 1.13, "closure roots", and B19).
/// </summary>
internal static class ReferencedPaths
{
    /// <summary>Finds them; none where there is no store.</summary>
    public static IReadOnlyList<ByteString> Find(FileTree customisation, JsonObject? config, ByteString storeDirectory, CancellationToken cancellationToken)
    {
        if (!HostTree.IsDirectory(storeDirectory)) return [];
        var hashes = StoreHashes.Of(storeDirectory, cancellationToken);
        var found = new ReferenceScan(hashes, cancellationToken).ScanTree(customisation);
        hashes.Search(Encoding.UTF8.GetBytes(config?.ToJsonString() ?? ""), found);
        return [.. found.Select(index => hashes.Paths[index]).Order()];
    }
}
