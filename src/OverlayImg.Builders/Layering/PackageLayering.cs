using OverlayImg.FileSystems;

namespace OverlayImg.Builders;

internal static class PackageLayering
{
    public static IReadOnlyList<TreeLayer> Plan(FileTree root, int availableLayers, CancellationToken cancellationToken) => throw new NotSupportedException();
}
