namespace OverlayImg.Images;

/// <summary>Finds the image for a platform among those of an index.</summary>
public static class PlatformChoice
{
    private const int MostNamed = 30;

    /// <summary>
    /// The image for <paramref name="wanted"/>: its own variant, else the best that runs there; of several the first. One that says no platform is taken where it is the
    /// only one.
    /// </summary>
    /// <param name="index">The index; attestations and indexes in it are not looked at.</param>
    /// <param name="wanted">The platform.</param>
    /// <exception cref="InputException">None is for it; the message says for what there are images.</exception>
    public static Descriptor Select(ImageIndex index, Platform wanted) => Select([.. index.Images], wanted, index.Where);

    /// <summary>As the other one, among the images that several indexes list.</summary>
    /// <param name="images">Manifests of images.</param>
    /// <param name="wanted">The platform.</param>
    /// <param name="where">What lists them, for the message.</param>
    /// <exception cref="InputException">None is for it; the message says for what there are images.</exception>
    public static Descriptor Select(IReadOnlyList<Descriptor> images, Platform wanted, InputLocation where)
    {
        if (images is [{ Platform: null } only]) return only;
        Descriptor[] matching = [.. images.Where(image => image.Platform is { } platform
            && platform.OperatingSystem == wanted.OperatingSystem && platform.Architecture == wanted.Architecture)];
        foreach (var variant in wanted.Variants)
        {
            if (Array.Find(matching, image => image.Platform!.Effective == variant) is { } found) return found;
        }

        throw new InputException($"holds no image for {wanted}", where)
        {
            Advice = images.Count == 0 ? "It holds no image at all." : $"It holds images for {NamesOf(images)}: choose one by --platform.",
        };
    }

    private static string NamesOf(IEnumerable<Descriptor> images)
    {
        string[] names = [.. images.Select(image => image.Platform?.ToString() ?? "(an unnamed platform)").Distinct().Take(MostNamed)];
        return string.Join(", ", names);
    }
}
