using OverlayImg.Images.Settings;

namespace OverlayImg.Images.Manifests;

/// <summary>Finds the image for a platform among those of an index.</summary>
public static class PlatformChoice
{
    private const int MostNamed = 30;

    /// <summary>
    /// The image for <paramref name="wanted"/>: its own variant, else the best that runs there; of several the first. One that says no platform is taken where it is the
    /// only one.
    /// </summary>
    /// <param name="walk">Has found the images.</param>
    /// <param name="wanted">The platform.</param>
    /// <param name="where">What lists them, for the message.</param>
    /// <exception cref="InputException">None is for it; the message says for what there are images.</exception>
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
        return $"It holds {images.Count} images there, none of which says its platform: {digests}. Give each one a name of its own, or a platform.";
    }

    private static string NamesOf(IEnumerable<Descriptor> images)
    {
        string[] names = [.. images.Select(image => image.Platform?.ToString() ?? "(an unnamed platform)").Distinct().Take(MostNamed)];
        return string.Join(", ", names);
    }
}
