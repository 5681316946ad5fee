using OverlayImg.Images.Archives;

namespace OverlayImg.Images.Layouts;

/// <summary>Which files a layout's directory has.</summary>
public static class LayoutFiles
{
    /// <summary>More blobs than any real layout has.</summary>
    public const int MaximumBlobs = 1 << 18;

    /// <summary>Whether a path leads to a directory that is a layout, or seems to be meant as one.</summary>
    public static bool IsLayout(string path) => LayoutDirectory.IsLayout(path);

    /// <summary>All files that can count for an image of the layout, sorted: as long as none of them changes, no image does.</summary>
    /// <exception cref="InputException">There are too many, or the directory may not be read.</exception>
    public static IReadOnlyList<string> Of(string path) =>
        [.. BlobNames(path).Append(LayoutIndex.Name).Append(LayoutIndex.VersionName).Select(name => Path.Combine(path, name)).Where(Path.Exists)];

    /// <summary>The names below <see cref="ArchiveMembers.Blobs"/>, sorted.</summary>
    internal static IReadOnlyList<string> BlobNames(string path)
    {
        var directory = Path.Combine(path, ArchiveMembers.Blobs);
        if (!Directory.Exists(directory)) return [];
        try
        {
            string[] names = [.. Directory.EnumerateFileSystemEntries(directory).Take(MaximumBlobs + 1).Select(file => ArchiveMembers.Blobs + Path.GetFileName(file))];
            if (names.Length > MaximumBlobs) throw new InputException($"has more than {MaximumBlobs} blobs", new(path));
            Array.Sort(names, StringComparer.Ordinal);
            return names;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"can't be read: {exception.Message}", new(path), exception) { Advice = "Check the permissions of the directory." };
        }
    }
}
