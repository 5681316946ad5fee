using OverlayImg.Images.Locations;

namespace OverlayImg.Builders.NewImages.Specs;

/// <summary>Where a spec lies: paths in it are relative to that.</summary>
/// <param name="File">The spec's file; <c>-</c> for stdin.</param>
internal sealed record SpecPlace(string File)
{
    private static readonly string[] Transports = ["rootfs:", "docker-archive:", "oci-archive:", "oci:"];

    /// <summary>The path as the tool's working directory has it. What has an unknown transport before it stays as it is.</summary>
    public string Resolve(string path) =>
        File == "-" || path == "-" || path.Split('/')[0].Contains(':', StringComparison.Ordinal)
            ? path
            : Path.Combine(Path.GetDirectoryName(File) ?? "", path);

    /// <summary>The image as the tool's working directory has it: <c>scratch</c>, a registry's image, or a path with or without a transport.</summary>
    public string ResolveImage(string image)
    {
        if (image == ScratchLocation.Word) return image;
        return Array.Find(Transports, transport => image.StartsWith(transport, StringComparison.Ordinal)) is { } known && File != "-"
            ? known + Path.Combine(Path.GetDirectoryName(File) ?? "", image[known.Length..])
            : Resolve(image);
    }
}
