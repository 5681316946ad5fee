using OverlayImg.FileSystems.Tar;
using OverlayImg.Testing;

namespace OverlayImg.FileSystems.Tests.Tar;

public sealed class TarMemoryTests
{
    private const int Files = 1_000_000;
    private const long MostHeap = 400_000_000;

    [Fact]
    public void A_tree_of_a_million_files_fits_400_MB()
    {
        using var directory = new TemporaryDirectory();
        using (var output = File.Create(directory["a.tar"]))
        {
            TarTreeWriter.Write(MillionFiles(), output, new(), Archives.None);
        }

        var before = GC.GetTotalMemory(forceFullCollection: true);
        using var source = ByteSource.Open(directory["a.tar"]);
        var tree = Archives.Read(source).Tree;
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, 0, MostHeap);
        Assert.Equal(Files + 1001, tree.Walk().Count());
    }

    private static FileTree MillionFiles()
    {
        var tree = new FileTree();
        var content = new MemoryContent("x"u8.ToArray());
        for (var index = 0; index < 1000; index++)
        {
            var directory = new DirectoryNode(Metadata.DefaultDirectory);
            for (var file = 0; file < Files / 1000; file++)
            {
                directory.Set(ByteString.FromText($"some-file-{file}.txt"), new RegularFileNode(Metadata.DefaultFile, content));
            }

            tree.Root.Set(ByteString.FromText($"directory-{index}"), directory);
        }

        return tree;
    }
}
