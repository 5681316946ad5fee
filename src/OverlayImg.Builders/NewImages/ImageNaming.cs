using OverlayImg.Images.Digests;
using OverlayImg.Images.References;

namespace OverlayImg.Builders.NewImages;

/// <summary>Names of images that are built (distribution/reference, "Grammar").</summary>
public static class ImageNaming
{
    private const int AutomaticTagLength = 32;

    /// <summary>What is wrong with a name and a tag, a sentence with advice; null where nothing is.</summary>
    /// <param name="name">In lower case.</param>
    /// <param name="tag">The tag; null for an automatic one.</param>
    public static string? ProblemWith(string name, string? tag)
    {
        if (!new ImageReference(name, "").IsValid)
        {
            var parsed = ImageReference.Parse(name);
            return parsed.Tag.Length > 0 && parsed.IsValid
                ? $"'{name}' is a name with a tag: give the name {parsed.Name} and the tag {parsed.Tag} apart."
                : $"'{name}' can't be the name of an image: names are lower-case letters and digits, divided by single . _ - or /, " +
                    "such as app, team/app or registry:5000/team/app.";
        }

        if (Digest.TryParseHex(name, out _)) return $"'{name}' can't be the name of an image: docker would take it for an ID.";
        if (tag is not null && !new ImageReference(name, tag).IsValid || tag == "")
            return $"'{tag}' can't be a tag: tags are up to 128 letters, digits, and _ . - (the last two not at the start).";
        return null;
    }

    /// <summary>The tag of an image that was given none: so much of its ID as a store path has of its hash.</summary>
    internal static string AutomaticTag(Digest imageId) => imageId.Hex[..AutomaticTagLength];
}
