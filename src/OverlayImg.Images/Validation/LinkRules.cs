using OverlayImg.FileSystems;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Layers;
using OverlayImg.Images.Overlay;

namespace OverlayImg.Images.Validation;

/// <summary>Rules for hard links to files of lower layers, also through symbolic links: their targets must exist.</summary>
internal sealed class LinkRules(Spool spool, Findings findings)
{
    /// <summary>Checks the links out of layers; only layers that such links need are read again.</summary>
    public void Check(IReadOnlyList<CheckedImage> images, IReadOnlyList<StoredFile> files, CancellationToken cancellationToken)
    {
        var open = files.Where(file => file.HasOpenLinks).Select(file => file.Member.Place).ToHashSet();
        var huge = files.Where(file => file.IsHuge).Select(file => file.Member.Place).ToHashSet();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var image in open.Count == 0 ? [] : images)
        {
            var last = image.Layers.ToList().FindLastIndex(layer => layer is not null && open.Contains(layer.Member.Place));
            LayerUse?[] stack = [.. image.Layers.Take(last + 1)];
            // Missing layers are already reported, and links of layers above can't be checked without them.
            if (last < 0 || stack.Any(layer => layer is null || huge.Contains(layer.Member.Place))) continue;
            // A hybrid archive lists each stack twice.
            if (seen.Add(string.Join(',', stack.Select(layer => layer!.Member.Place)))) Check(stack!, cancellationToken);
        }
    }

    private void Check(LayerUse[] stack, CancellationToken cancellationToken)
    {
        var budget = new TreeBudget();
        var contents = new List<LayerContent>();
        var pile = new LayerPile();
        try
        {
            foreach (var use in stack)
            {
                // Another rule checks the layer's digest.
                var layer = new Layer(use.Member, use.DiffId ?? Digest.Of([]), blobDigest: null);
                contents.Add(layer.Open(spool, cancellationToken));
                pile.Add(contents[^1].ReadTree(budget, cancellationToken), cancellationToken);
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
