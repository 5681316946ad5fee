using OverlayImg.Images.BaseImages;
using OverlayImg.Images.Manifests;

namespace OverlayImg.Layers.Guests;

/// <summary>Architectures by Go's names (<c>amd64</c>), which image configs use.</summary>
internal static class Architectures
{
    /// <summary>This machine's architecture, which is also the guest's.</summary>
    public static string Host => Platform.Host.Architecture;

    /// <summary>Returns an image's architecture; this machine's for an image without one, and for null.</summary>
    public static string Of(KnownImage? image) => image?.Architecture is { Length: > 0 } architecture ? architecture : Host;

    /// <summary>Checks that the guest can run the programs of an image. An image without an architecture is accepted.</summary>
    /// <exception cref="InputException">The image is for another architecture.</exception>
    public static void RequireRunnable(KnownImage image, string archive)
    {
        var architecture = image.Architecture;
        if (architecture.Length == 0 || architecture == Host || (architecture == "386" && Host == "amd64")) return;
        throw new InputException($"the image {image.DisplayName} is for {architecture}, but the guest runs {Host}", new(archive))
        {
            Advice = "Use the image's variant for this machine."
        };
    }
}
