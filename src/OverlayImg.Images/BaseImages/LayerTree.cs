using OverlayImg.FileSystems;
using OverlayImg.Images.Digests;

namespace OverlayImg.Images.BaseImages;

/// <summary>A layer in overlay form, with everything that it takes from those below it.</summary>
/// <param name="Identity">
/// What tells it from every other: its diff ID, or where it takes something from below, the chain ID of the stack that ends with it. Equal ones are equal trees.
/// </param>
/// <param name="Tree">The layer.</param>
internal sealed record LayerTree(Digest Identity, FileTree Tree);
