using OverlayImg.FileSystems;

namespace OverlayImg.Closures.Layering;

/// <summary>A part of a file system that goes to one layer.</summary>
/// <param name="Tree">The part, with the directories that lead to it.</param>
/// <param name="Name">What the layer is called, such as the package's name.</param>
/// <param name="Reason">Why it is a layer.</param>
internal sealed record TreeLayer(FileTree Tree, string Name, string Reason);
