using OverlayImg.Images.Archives;

namespace OverlayImg.Images.Layouts;

/// <summary>Lists the files of a layout in a directory.</summary>
public static class LayoutFiles
{
    /// <summary>The most blobs of a layout; real layouts have far fewer.</summary>
    public const int MaximumBlobs = 1 << 18;

    /// <summary>Whether the path is a directory with a layout's version file or index.</summary>
    public static bool IsLayout(string path) => LayoutDirectory.IsLayout(path);

    /// <summary>Lists all files that can belong to the layout's images, sorted: if none changes, no image does.</summary>
    /// <exception cref="InputException">There are too many blobs, or the directory can't be read.</exception>
    public static IReadOnlyList<string> Of(string path) =>
        [.. BlobNames(path).Append(LayoutIndex.Name).Append(LayoutIndex.VersionName).Select(name => Path.Combine(path, name)).Where(Path.Exists)];

    /// <summary>Lists the names below <see cref="ArchiveMembers.Blobs"/>, sorted.</summary>
    internal static IReadOnlyList<string> BlobNames(string path)
    {
        var directory = Path.Combine(path, ArchiveMembers.Blobs);
        if (!Directory.Exists(directory)) return [];
        try
        {
            string[] names = [.. Directory.EnumerateFileSystemEntries(directory)
                .Take(MaximumBlobs + 1).Select(file => ArchiveMembers.Blobs + Path.GetFileName(file))];
            if (names.Length > MaximumBlobs) throw new InputException($"has more than {MaximumBlobs} blobs", new(path));
            Array.Sort(names, StringComparer.Ordinal);
            return names;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"can't be read: {exception.Message}", new(path), exception)
            {
                Advice = "Check the permissions of the directory.",
            };
        }
    }
}
