using OverlayImg.Caching;
using OverlayImg.FileSystems;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.Sources;

namespace OverlayImg.Images.BaseImages;

/// <summary>Creates memories of facts about base images, which are known in later runs without opening the image's files.</summary>
internal static class ImageMemory
{
    /// <summary>Creates the memory of a fact about one image; null if nothing about the image can be remembered.</summary>
    /// <param name="choice">The image; null for none.</param>
    /// <param name="what">Name of the remembered fact.</param>
    public static FileMemory? Of(ImageChoice? choice, string what, Cache cache)
    {
        if (choice is null) return null;
        // Another build of the tool may read the same archive differently.
        string[] question =
        [
            what, ToolBuild.Identity(typeof(Digest), typeof(FileTree)),
            choice.Name is null ? "" : $"name {choice.Name}", choice.Tag is null ? "" : $"tag {choice.Tag}",
            choice.Platform is null ? $"host {Platform.Host}" : $"platform {choice.Platform}",
            FormOf(choice.Location),
        ];
        return Of(choice.Location, question, cache);
    }

    /// <summary>Creates the memory of a fact about the images at a location; null if nothing about them can be remembered.</summary>
    /// <param name="question">Name of the remembered fact, and all inputs of the fact except the files.</param>
    /// <param name="clock">Clock that detects recently changed files; null for the system clock.</param>
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
