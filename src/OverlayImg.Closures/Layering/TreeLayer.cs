using OverlayImg.FileSystems;

namespace OverlayImg.Closures.Layering;

/// <summary>A part of a file system that becomes one layer.</summary>
/// <param name="Tree">The part, with the directories above it.</param>
/// <param name="Name">Name of the layer, such as the package's name.</param>
/// <param name="Reason">The reason for the layer.</param>
internal sealed record TreeLayer(FileTree Tree, string Name, string Reason);
