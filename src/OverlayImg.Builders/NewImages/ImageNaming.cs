using OverlayImg.Images.Digests;
using OverlayImg.Images.References;

namespace OverlayImg.Builders.NewImages;

/// <summary>Checks names and tags of new images against the grammar of distribution/reference.</summary>
public static class ImageNaming
{
    private const int AutomaticTagLength = 32;

    /// <summary>A sentence about what is wrong with a name or a tag, with advice; null if both are valid.</summary>
    /// <param name="name">The name in lower case.</param>
    /// <param name="tag">The tag; null for a tag derived from the image ID.</param>
    public static string? ProblemWith(string name, string? tag)
    {
        if (!new ImageReference(name, "").IsValid)
        {
            var parsed = ImageReference.Parse(name);
            return parsed.Tag.Length > 0 && parsed.IsValid
                ? $"'{name}' is a name with a tag: give the name {parsed.Name} and the tag {parsed.Tag} separately."
                : $"'{name}' can't be the name of an image: names have lower-case letters and digits, separated by single . _ - or /, " +
                    "such as app, team/app or registry:5000/team/app.";
        }

        if (Digest.TryParseHex(name, out _))
            return $"'{name}' can't be the name of an image: docker takes 64 hexadecimal digits for an image ID. Give another name.";
        if (tag is not null && !new ImageReference(name, tag).IsValid || tag == "")
            return $"'{tag}' can't be a tag: tags have up to 128 letters, digits, and _ . - (the last two not at the start).";
        return null;
    }

    /// <summary>The tag of an image without a given tag: the first 32 digits of its ID, as many as the hash in a store path has.</summary>
    internal static string AutomaticTag(Digest imageId) => imageId.Hex[..AutomaticTagLength];
}
