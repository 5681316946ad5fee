using OverlayImg.Images.Archives.Writing;
using OverlayImg.Images.Outputs;

namespace OverlayImg.Cli.Reporting;

/// <summary>The command that a user probably runs next on a result.</summary>
/// <param name="Purpose">What the command does: "load it".</param>
/// <param name="Text">The command, quoted for a shell.</param>
internal sealed record NextCommand(string Purpose, string Text)
{
    /// <summary>The command that gives an image to a container engine; null for an image on stdout.</summary>
    /// <param name="output">The output with the image.</param>
    /// <param name="tag">The image's tag in a layout; null for the only image of the layout.</param>
    public static NextCommand? ForImage(ImageOutput output, string? tag) => output switch
    {
        ArchiveOutput { Destination.IsStream: true } => null,
        // Docker loads archives that are only an OCI layout since version 25.
        ArchiveOutput { Format: ArchiveFormat.Oci } archive => new("load it", $"podman load -i {Quoted(archive.Path)}"),
        ArchiveOutput archive => new("load it", $"docker load -i {Quoted(archive.Path)}"),
        LayoutOutput layout => new("load it", $"podman pull {Quoted(ReferenceTo(layout, layout.RefName ?? tag))}"),
        RegistryOutput registry => new("pull it", $"docker pull {Quoted(registry.Image.ToString())}"),
        _ => null,
    };

    /// <summary>The command that lists a layer.</summary>
    /// <param name="directory">The directory of the layer.</param>
    public static NextCommand ForLayer(string directory) => new("list it", $"tar -tvf {Quoted(Path.Combine(directory, "layer.tar"))}");

    /// <summary>The command that makes an image of the tar of a file system, or that mounts a disk.</summary>
    public static NextCommand ForFileSystem(string path, bool isDisk) => isDisk
        ? new("mount it", $"sudo mount -o ro,loop {Quoted(path)} /mnt")
        : new("import it", $"docker import {Quoted(path)}");

    private static string ReferenceTo(LayoutOutput layout, string? tag) => tag is null ? $"oci:{layout.Directory}" : $"oci:{layout.Directory}:{tag}";

    /// <summary>Quotes a word for a POSIX shell, if it needs quotes.</summary>
    internal static string Quoted(string word)
    {
        // A program would take a file name with a dash for an option.
        if (word.StartsWith('-')) word = "./" + word;
        return word.Length > 0 && word.All(character => char.IsAsciiLetterOrDigit(character) || "/._-:@+=,%".Contains(character, StringComparison.Ordinal))
            ? word : $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";
    }
}
