using OverlayImg.Images.References;

namespace OverlayImg.Images.Remote;

/// <summary>Shortens references to the form that docker displays, without the default registry.</summary>
internal static class FamiliarName
{
    private static readonly string[] Implied = ["docker.io/library/", "docker.io/"];

    /// <summary>Returns <c>debian:12</c> for <c>docker.io/library/debian:12</c>. The default tag <c>latest</c> is always added.</summary>
    public static string Of(RegistryReference image) => $"{OfRepository(image)}:{image.Tag ?? "latest"}";

    /// <summary>Returns <c>debian</c> for <c>docker.io/library/debian</c>.</summary>
    public static string OfRepository(RegistryReference image) =>
        Array.Find(Implied, prefix => image.Name.StartsWith(prefix, StringComparison.Ordinal)) is { } prefix
            ? image.Name[prefix.Length..] : image.Name;
}
