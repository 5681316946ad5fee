using OverlayImg.Caching;
using OverlayImg.Images.Outputs;
using OverlayImg.Images.Sessions;
using OverlayImg.Images.Transfers;

namespace OverlayImg.Images.Tests;

/// <summary>Writes images as the verbs do that make images.</summary>
internal static class ImageWriting
{
    /// <summary>Writes images, whose layers are verified.</summary>
    /// <param name="output">Where the images go.</param>
    /// <param name="cache">The directory of the cache.</param>
    /// <param name="images">The images.</param>
    /// <param name="warnings">Gets the warnings; null for nobody.</param>
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
