using OverlayImg.FileSystems;

namespace OverlayImg.Images;

/// <summary>Hard links of a layer may lead into lower layers, through symbolic links; what they lead to must be there.</summary>
internal static class LinkRules
{
    /// <summary>Follows the links of the layers in <paramref name="open"/> (offsets of members); other layers are not read again.</summary>
    public static void Check(ByteSource archive, IReadOnlyList<CheckedImage> images, HashSet<long> open, Spool spool, Findings findings,
        CancellationToken cancellationToken)
    {
        if (open.Count == 0) return;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var image in images)
        {
            var last = image.Layers.ToList().FindLastIndex(layer => layer is not null && open.Contains(layer.Member.Offset));
            LayerUse?[] stack = [.. image.Layers.Take(last + 1)];
            // The same stack is there twice where the archive is a hybrid.
            var key = string.Join(',', stack.Select(layer => layer?.Member.Offset));
            if (last >= 0 && seen.Add(key)) Check(archive, stack, spool, findings, cancellationToken);
        }
    }

    private static void Check(ByteSource archive, LayerUse?[] stack, Spool spool, Findings findings, CancellationToken cancellationToken)
    {
        var contents = new List<LayerContent>();
        var complete = new List<FileTree>();
        try
        {
            foreach (var use in stack)
            {
                // What is missing or unreadable has been found already, and leaves open what is above it.
                if (use is null) return;
                var layer = new Layer(archive, use.Member, use.DiffId ?? default, blobDigest: null, default);
                contents.Add(layer.Open(spool, cancellationToken));
                var tree = contents[^1].ReadTree(cancellationToken);
                complete.Add(tree.DependsOnLower ? tree.CompleteAgainst(LayerStack.Merge(complete, cancellationToken)) : tree.Tree);
            }
        }
        catch (InputException exception)
        {
            findings.Error("layer-hard-link", exception);
        }
        finally
        {
            foreach (var content in contents) content.Dispose();
        }
    }
}
