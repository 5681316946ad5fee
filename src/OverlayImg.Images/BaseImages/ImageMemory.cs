using OverlayImg.Caching;
using OverlayImg.FileSystems;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.Sources;

namespace OverlayImg.Images.BaseImages;

/// <summary>What is remembered of a base image, so that it is known before the file that it is in is opened again (<see cref="FileMemory"/>).</summary>
internal static class ImageMemory
{
    /// <summary>The memory of the image that a run is based on; null where it has none.</summary>
    /// <param name="choice">The image; null for none.</param>
    /// <param name="what">The name of the remembered fact.</param>
    /// <param name="cache">The cache that holds the fact.</param>
    public static FileMemory? Of(BaseImageChoice? choice, string what, Cache cache)
    {
        if (choice is null) return null;
        // Another build of the tool may read an archive in another way.
        string[] question =
        [
            what, ToolBuild.Identity(typeof(Digest), typeof(FileTree)), choice.Name is null ? "" : $"name {choice.Name}", choice.Tag is null ? "" : $"tag {choice.Tag}",
            choice.Platform is null ? $"host {Platform.Host}" : $"platform {choice.Platform}",
            FormOf(choice.Location),
        ];
        return Of(choice.Location, question, cache);
    }

    /// <summary>The memory of what the images at a location depend on; null where nothing can be remembered of them.</summary>
    /// <param name="location">Where the images are.</param>
    /// <param name="question">The name of the remembered fact and what the fact depends on, beside the files.</param>
    /// <param name="cache">The cache that holds the fact.</param>
    /// <param name="clock">Tells whether a file changed a moment ago; null for the machine's.</param>
    public static FileMemory? Of(ImageLocation location, IReadOnlyList<string> question, Cache cache, TimeProvider? clock = null) =>
        location.Identity is { } identity ? FileMemory.Of(cache, [.. question, identity])
            : location.Files() is { Count: > 0 } files ? FileMemory.Of(cache, question, clock ?? TimeProvider.System, [.. files])
            : null;

    private static string FormOf(ImageLocation location) => location switch
    {
        PathLocation { Form: ArchiveForm.Layout } => "layout",
        PathLocation { Form: ArchiveForm.RootFileSystem } => "rootfs",
        _ => "",
    };
}
