using OverlayImg.Images.Locations;

namespace OverlayImg.Builders.NewImages.Specs;

/// <summary>Resolves relative paths in a spec, which start at the directory of the spec.</summary>
/// <param name="File">Path of the spec; <c>-</c> for stdin, where paths start at the working directory.</param>
internal sealed record SpecPlace(string File)
{
    private static readonly string[] Transports = ["rootfs:", "docker-archive:", "oci-archive:", "oci:"];

    /// <summary>Makes a path relative to the working directory. A text with a prefix such as <c>docker:</c> stays unchanged.</summary>
    public string Resolve(string path) =>
        File == "-" || path == "-" || path.Split('/')[0].Contains(':', StringComparison.Ordinal)
            ? path
            : Path.Combine(Path.GetDirectoryName(File) ?? "", path);

    /// <summary>Makes the path of a file relative to the working directory. A colon has no meaning.</summary>
    public string ResolveFile(string path) => File == "-" ? path : Path.Combine(Path.GetDirectoryName(File) ?? "", path);

    /// <summary>
    /// Makes the path of an image relative to the working directory, with or without a prefix such as <c>oci:</c>. <c>scratch</c> and images of
    /// registries stay unchanged.
    /// </summary>
    public string ResolveImage(string image)
    {
        if (image == ScratchLocation.Word) return image;
        return Array.Find(Transports, transport => image.StartsWith(transport, StringComparison.Ordinal)) is { } known && File != "-"
            ? known + Path.Combine(Path.GetDirectoryName(File) ?? "", image[known.Length..])
            : Resolve(image);
    }
}
