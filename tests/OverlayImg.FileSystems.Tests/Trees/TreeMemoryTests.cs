namespace OverlayImg.FileSystems.Tests.Trees;

[Collection(nameof(MemoryTests))]
public sealed class TreeMemoryTests
{
    /// <summary>The limit that the layout of nodes is designed for.</summary>
    [Fact]
    public void A_tree_of_a_million_files_needs_less_than_400_MB()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var tree = new FileTree();
        for (var number = 0; number < 1000; number++)
        {
            var directory = new DirectoryNode(Metadata.DefaultDirectory);
            tree.Root.Set(ByteString.FromText($"directory-{number}"), directory);
            for (var file = 0; file < 1000; file++)
            {
                var content = new SourceContent(null!, file, file);
                directory.Set(ByteString.FromText($"some-file-of-usual-length-{file}"), new RegularFileNode(Metadata.DefaultFile, content));
            }
        }

        var size = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.Equal(1000, tree.Root.Count);
        Assert.InRange(size, 100_000_000, 400_000_000);
    }
}
