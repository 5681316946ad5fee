using OverlayImg.FileSystems.Tar;
using OverlayImg.Testing;

namespace OverlayImg.FileSystems.Tests.Tar;

/// <summary>Reads and writes archives for the tests of this folder.</summary>
internal static class Archives
{
    public static CancellationToken None => TestContext.Current.CancellationToken;

    /// <summary>Reads a whole archive. The source stays open, so that the caller can read content.</summary>
    public static TarTreeResult Read(ByteSource source) => TarTree.Read(source, 0, source.Length, new(source.Name), None);

    /// <summary>Reads an archive for its names and metadata. Content can't be read, because the source is closed.</summary>
    public static TarTreeResult Read(string path)
    {
        using var source = ByteSource.Open(path);
        return Read(source);
    }

    /// <summary>
    /// Reads an archive in memory through a temporary file. The file stays open, and so its content readable, while the tree is in use.
    /// </summary>
    public static TarTreeResult Read(byte[] archive)
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllBytes(directory["a.tar"], archive);
        return Read(ByteSource.Open(directory["a.tar"]));
    }

    /// <summary>Returns the exception that reading the archive throws.</summary>
    public static InputException Refused(byte[] archive) => Assert.Throws<InputException>(() => Read(archive));

    /// <summary>Lists all entries of an archive.</summary>
    public static List<TarEntry> Entries(byte[] archive)
    {
        var reader = new TarReader(new MemoryStream(archive), new InputLocation("a.tar"));
        var entries = new List<TarEntry>();
        while (reader.Next(None) is { } entry) entries.Add(entry);
        return entries;
    }

    /// <summary>Writes a tree to an archive in memory.</summary>
    public static byte[] Write(FileTree tree, TarWriterOptions? options = null)
    {
        using var output = new MemoryStream();
        TarTreeWriter.Write(tree, output, options ?? new(), None);
        return output.ToArray();
    }

    public static byte[] Contents(this FileTree tree, string path)
    {
        var content = ((RegularFileNode)tree.Find(path)!).Content;
        var bytes = new byte[content.Length];
        content.Read(0, bytes);
        return bytes;
    }

    public static FileNode? Find(this FileTree tree, string path) => tree.Find(ByteString.FromText(path).Span);
}
