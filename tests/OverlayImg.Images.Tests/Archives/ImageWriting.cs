using OverlayImg.Caching;
using OverlayImg.Images.Outputs;
using OverlayImg.Images.Sessions;
using OverlayImg.Images.Transfers;

namespace OverlayImg.Images.Tests;

/// <summary>Writes images in the same way as the verbs that make images.</summary>
internal static class ImageWriting
{
    /// <summary>Writes images with verified layers. <paramref name="warnings"/> gets the warnings; null drops them.</summary>
    public static async Task<WrittenImages> WriteAsync(ImageOutput output, string cache, IReadOnlyList<Image> images, List<string>? warnings = null)
    {
        using var lifetime = new Lifetime();
        var session = new Session(lifetime, () => new Cache(cache), new Listener(warnings ?? []), TestContext.Current.CancellationToken);
        return await (await ImageOutputWriter.PrepareAsync(output, session)).WriteAsync(images);
    }

    private sealed class Listener(List<string> warnings) : IProgress<BuildEvent>
    {
        public void Report(BuildEvent value)
        {
            if (value is Warning warning) warnings.Add(warning.Text);
        }
    }
}
