using OverlayImg.Images;

namespace OverlayImg.Builders;

/// <summary>What is remembered of a base image, so that it is known before the file that it is in is opened again (<see cref="FileMemory"/>).</summary>
internal static class ImageMemory
{
    /// <summary>The memory of the image that a run is based on; null where it has none.</summary>
    /// <param name="choice">The image; null for none.</param>
    /// <param name="what">What is to be known of it.</param>
    /// <param name="cache">Where it is remembered.</param>
    public static FileMemory? Of(BaseImageChoice? choice, string what, Cache cache)
    {
        if (choice is null) return null;
        // Another build of the tool may read an archive in another way.
        string[] question =
        [
            what, ToolBuild.Identity(), choice.Name is null ? "" : $"name {choice.Name}", choice.Tag is null ? "" : $"tag {choice.Tag}",
            choice.Platform is null ? $"host {Platform.Host}" : $"platform {choice.Platform}", choice.Location is PathLocation { IsLayout: true } ? "layout" : "",
        ];
        return FileMemory.Of(cache, question, choice.Location);
    }
}
