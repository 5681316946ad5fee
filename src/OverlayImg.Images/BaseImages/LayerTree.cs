using OverlayImg.FileSystems;
using OverlayImg.Images.Digests;

namespace OverlayImg.Images.BaseImages;

/// <summary>A layer in overlay form, with the nodes that it takes from lower layers.</summary>
/// <param name="Identity">
/// The layer's diff ID; if the layer takes nodes from lower layers, its chain ID. Equal identities mean equal trees.
/// </param>
/// <param name="Tree">The tree of the layer, with whiteouts.</param>
internal sealed record LayerTree(Digest Identity, FileTree Tree);
