using OverlayImg.FileSystems.Tar;
using OverlayImg.Testing;

namespace OverlayImg.FileSystems.Tests.Tar;

[Collection(nameof(MemoryTests))]
public sealed class TarMemoryTests
{
    private const int Directories = 1000;
    private const int FilesOfEach = 1000;
    private const long MostHeap = 400_000_000;

    [Fact]
    public void A_tree_of_a_million_files_needs_less_than_400_MB()
    {
        using var directory = new TemporaryDirectory();
        WriteArchive(directory["a.tar"]);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        using var source = ByteSource.Open(directory["a.tar"]);
        var tree = Archives.Read(source).Tree;
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, 0, MostHeap);
        Assert.Equal((Directories * FilesOfEach) + Directories + 1, tree.Walk().Count());
    }

    // Writes one archive for each directory, so that no other tree of a million files exists before the measurement.
    private static void WriteArchive(string path)
    {
        var files = new DirectoryNode(Metadata.DefaultDirectory);
        var content = new MemoryContent("x"u8.ToArray());
        for (var file = 0; file < FilesOfEach; file++)
            files.Set(ByteString.FromText($"some-file-{file}.txt"), new RegularFileNode(Metadata.DefaultFile, content));
        using var output = File.Create(path);
        for (var index = 0; index < Directories; index++)
        {
            var tree = new FileTree();
            tree.Root.Set(ByteString.FromText($"directory-{index}"), files);
            using var part = new MemoryStream();
            TarTreeWriter.Write(tree, part, new(), Archives.None);
            // A header for the root, a header for the directory, and two blocks for each file. The rest is the end of the archive.
            output.Write(part.GetBuffer(), 0, index == Directories - 1 ? (int)part.Length : 512 * (2 + (2 * FilesOfEach)));
        }
    }
}
