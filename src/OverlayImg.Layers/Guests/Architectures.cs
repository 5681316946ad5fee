using OverlayImg.Images.BaseImages;
using OverlayImg.Images.Manifests;

namespace OverlayImg.Layers.Guests;

/// <summary>Architectures in Go's words, which image configs use.</summary>
internal static class Architectures
{
    /// <summary>This machine's, which is the guest's too.</summary>
    public static string Host => Platform.Host.Architecture;

    /// <summary>An image's, or this machine's where it says none or there is none.</summary>
    public static string Of(KnownImage? image) => image?.Architecture is { Length: > 0 } architecture ? architecture : Host;

    /// <summary>The guest runs the programs of this machine's architecture, and no other's. An image that says none is taken at its word.</summary>
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
