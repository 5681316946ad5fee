using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Json;
using OverlayImg.Images.Layouts;
using OverlayImg.Images.References;

namespace OverlayImg.Images.Sources;

/// <summary>
/// The names of the images in an archive or a layout. Only the table of contents is read: no config, no layer, and no temporary file is
/// written. Names are not verified.
/// </summary>
/// <param name="References">The names of images, in the order of the table of contents.</param>
/// <param name="RefNames">The names by which readers of layouts choose an image; empty for an archive without a layout.</param>
public sealed record ImageNames(IReadOnlyList<ImageReference> References, IReadOnlyList<string> RefNames)
{
    private const int LongestTable = 4 << 20;

    /// <summary>
    /// Reads the names of the images in a regular file, compressed or not, or in the directory of a layout. After the cancellation the names
    /// that were found are returned, because reading a large compressed archive takes long.
    /// </summary>
    /// <exception cref="InputException">The path does not exist, or is neither an archive nor a layout.</exception>
    /// <exception cref="MachineException">The file can't be read, or a library for its compression is missing.</exception>
    public static ImageNames Of(string path, CancellationToken cancellationToken)
    {
        if (LayoutDirectory.IsLayout(path))
        {
            using var layout = ImageSource.OpenLayout(path);
            return new([.. layout.Entries.SelectMany(entry => entry.References)], [.. layout.Entries.SelectMany(entry => entry.RefNames)]);
        }

        var where = new InputLocation(path);
        using var source = ByteSource.Open(path);
        Span<byte> start = stackalloc byte[(int)Math.Min(CompressionMagic.Length, source.Length)];
        source.Read(0, start);
        using var stream = Decompression.Open(new SourceRangeStream(source, 0, source.Length), CompressionMagic.Detect(start), where);
        return Read(new TarReader(stream, where), where, cancellationToken);
    }

    // manifest.json and index.json may be anywhere in the tar, and a later member replaces an earlier one of the same name.
    private static ImageNames Read(TarReader reader, InputLocation where, CancellationToken cancellationToken)
    {
        ImageReference[] docker = [];
        (ImageReference[] Full, string[] RefNames) layout = ([], []);
        while (Next() is { } entry)
        {
            if (entry.TypeFlag != TarTypeFlag.RegularFile || entry.Size > LongestTable) continue;
            var name = TarPath.Clean(entry.RawName).ToString();
            if (name == DockerManifest.Name) docker = ReadManifest(Content(reader, entry, where));
            else if (name == LayoutIndex.Name) layout = ReadIndex(Content(reader, entry, where));
        }

        return new(docker.Length > 0 ? docker : layout.Full, layout.RefNames);

        TarEntry? Next()
        {
            try
            {
                return reader.Next(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return null;
            }
        }
    }

    private static ImageReference[] ReadManifest(JsonInput manifest) =>
        [.. manifest.Items().SelectMany(image => image.Items("RepoTags")).Select(tag => ImageReference.Parse(tag.Text()))];

    private static (ImageReference[], string[]) ReadIndex(JsonInput index)
    {
        JsonInput[] annotations = [.. index.Items("manifests").Select(manifest => manifest.Optional("annotations")).OfType<JsonInput>()];
        var refNames = annotations.Select(item => item.Text(LayoutImage.RefName)).OfType<string>().Distinct().ToArray();
        var full = annotations.Select(item => item.Text(LayoutImage.FullName) ?? item.Text(LayoutImage.RefName)).OfType<string>().Distinct();
        return ([.. full.Select(ReferenceOf)], refNames);
    }

    // A ref name that is only a tag, as in LayoutImage.
    private static ImageReference ReferenceOf(string text) => text.AsSpan().IndexOfAny(':', '/') < 0 ? new("", text) : ImageReference.Parse(text);

    private static JsonInput Content(TarReader reader, TarEntry entry, InputLocation where)
    {
        var bytes = new byte[entry.Size];
        for (var length = 0; length < bytes.Length;)
        {
            var read = reader.Read(bytes.AsSpan(length));
            if (read == 0) throw new InputException("ends early", where);
            length += read;
        }

        return JsonInput.Parse(bytes, where);
    }
}
