using OverlayImg.Images.Settings;

namespace OverlayImg.Images.Manifests;

/// <summary>Selects the image for a platform from an index.</summary>
public static class PlatformChoice
{
    private const int MostNamed = 30;

    /// <summary>
    /// Returns the first image with the best variant that runs on <paramref name="wanted"/>. An image without a
    /// platform is returned if it is the only image.
    /// </summary>
    /// <param name="walk">A finished walk.</param>
    /// <exception cref="InputException">No image fits; the message lists the platforms.</exception>
    public static Descriptor Select(IndexWalk walk, Platform wanted, InputLocation where)
    {
        var images = walk.Images;
        if (images is [{ Platform: null } only]) return only;
        Descriptor[] matching = [.. images.Where(image => image.Platform is { } platform
            && platform.OperatingSystem == wanted.OperatingSystem && platform.Architecture == wanted.Architecture)];
        foreach (var variant in wanted.Variants)
        {
            if (Array.Find(matching, image => image.Platform!.Effective == variant) is { } found) return found;
        }

        var unread = walk.Problem is { } problem ? $" An entry can't be read: {problem.Message}." : "";
        throw new InputException($"holds no image for {wanted}", where)
        {
            Advice = images.Any(image => image.Platform is not null)
                ? new Advice($"It holds images for {NamesOf(images)}.{unread} Choose another platform.", ImageSetting.Platform)
                : WithoutPlatforms(images) + unread,
        };
    }

    private static string WithoutPlatforms(IReadOnlyList<Descriptor> images)
    {
        if (images.Count == 0) return "It holds no image at all.";
        var digests = string.Join(", ", images.Select(image => image.Digest).Take(MostNamed));
        return $"It holds {images.Count} images there, none of which names its platform: {digests}. Give each image its own name, or a platform.";
    }

    private static string NamesOf(IEnumerable<Descriptor> images)
    {
        string[] names = [.. images.Select(image => image.Platform?.ToString() ?? "(an unnamed platform)").Distinct().Take(MostNamed)];
        return string.Join(", ", names);
    }
}
