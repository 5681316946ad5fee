using OverlayImg.Images.References;

namespace OverlayImg.Images.Remote;

/// <summary>References as people write them.</summary>
internal static class FamiliarName
{
    private static readonly string[] Implied = ["docker.io/library/", "docker.io/"];

    /// <summary><c>debian:12</c> for <c>docker.io/library/debian:12</c>; with the tag that is meant where none is said.</summary>
    public static string Of(RegistryReference image) => $"{OfRepository(image)}:{image.Tag ?? "latest"}";

    /// <summary><c>debian</c> for <c>docker.io/library/debian</c>.</summary>
    public static string OfRepository(RegistryReference image) =>
        Array.Find(Implied, prefix => image.Name.StartsWith(prefix, StringComparison.Ordinal)) is { } prefix ? image.Name[prefix.Length..] : image.Name;
}
