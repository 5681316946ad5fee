using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.Layers.Contents;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.Contents;

public sealed class ContentsLandingTests
{
    [Fact]
    public async Task A_bin_directory_of_the_contents_goes_to_usr_bin_of_a_base_with_merged_usr()
    {
        var result = await LandAsync("mkdir bin; printf 1 > bin/foo; chmod 700 bin", "mkdir -p usr/bin; ln -s usr/bin bin; chmod 2775 usr");
        Assert.Equal([". 755 d", "usr 2775 d", "usr/bin 700 d", "usr/bin/foo 644 f 1"], Trees.Lines(result.Tree));
        Assert.Empty(result.Warnings);
    }

    [Theory]
    [InlineData("/opt/real", "opt/real")]
    [InlineData("../../../../opt/real", "opt/real")]
    [InlineData("./d/../opt/./real/", "opt/real")]
    [InlineData("chain1", "opt/real")]
    [InlineData("nowhere", "l")]
    [InlineData("/opt/file", "l")]
    [InlineData("opt/file/..", "l")]
    public async Task Links_of_the_base_resolve_as_in_a_container(string target, string landed)
    {
        var @base = $"mkdir -p d opt/real; touch opt/file; ln -s '{target}' l; ln -s /chain2 chain1; ln -s opt/real chain2";
        var result = await LandAsync("mkdir l; printf 1 > l/foo", @base);
        Assert.NotNull(result.Tree.Find(ByteString.FromText($"{landed}/foo").Span));
        Assert.Equal(landed == "l", result.Tree.Find("l"u8) is not null);
    }

    [Fact]
    public async Task A_link_cycle_in_the_base_is_refused_with_its_path()
    {
        var exception = await Assert.ThrowsAsync<InputException>(() => LandAsync("mkdir -p d/l", "mkdir d; ln -s m d/l; ln -s l d/m"));
        Assert.Equal("d/l", exception.Where.Path);
    }

    [Fact]
    public async Task A_file_that_hides_a_directory_of_the_base_gives_a_warning()
    {
        var result = await LandAsync("ln -s elsewhere bin", "mkdir bin; touch bin/sh");
        Assert.Contains("bin", Assert.Single(result.Warnings), StringComparison.Ordinal);
        Assert.IsType<SymbolicLinkNode>(result.Tree.Find("bin"u8));
    }

    [Fact]
    public async Task Without_contents_the_root_has_the_metadata_of_the_base()
    {
        using var directory = new TemporaryDirectory();
        var @base = await Trees.MakeAsync(directory["base"], "chmod 1711 .; setfattr -n user.x -v y .");
        var none = ContentsMerger.Merge([], new(), _ => null, TestContext.Current.CancellationToken);
        Assert.Equal(@base.Root.Metadata, ContentsLanding.Land(none, @base, TestContext.Current.CancellationToken).Tree.Root.Metadata);
    }

    [Fact]
    public async Task Neither_contents_nor_base_are_changed()
    {
        using var directory = new TemporaryDirectory();
        var contents = await Trees.MakeAsync(directory["contents"], "mkdir -p bin usr/bin/deep; touch bin/a usr/bin/b");
        var @base = await Trees.MakeAsync(directory["base"], "mkdir -p usr/bin; ln -s usr/bin bin; touch usr/bin/c");
        string[] before = [.. Trees.Lines(contents), .. Trees.Lines(@base)];
        ContentsLanding.Land(new(contents, []), @base, TestContext.Current.CancellationToken);
        Assert.Equal(before.AsEnumerable(), Trees.Lines(contents).Concat(Trees.Lines(@base)));
    }

    /// <summary>rsync -K copies the contents into a copy of the base for comparison. Like docker cp, rsync -K follows links of the target.</summary>
    [Fact]
    public async Task Random_contents_over_random_bases_equal_a_copy_into_the_base()
    {
        var (same, behindLinks) = (0, 0);
        for (var seed = 0; seed < 50; seed++)
        {
            using var directory = new TemporaryDirectory();
            new RandomContents(seed, links: 0.35, modes: false, gaps: 0.2, fileSuffix: ".f").Make(directory["base"]);
            new RandomContents(seed + 1000, links: 0, modes: false, gaps: 0.3, fileSuffix: ".f").Make(directory["contents"]);
            var (@base, contents) = (Read(directory["base"]), Read(directory["contents"]));
            ContentsResult result;
            try
            {
                result = ContentsLanding.Land(new(contents, []), @base, TestContext.Current.CancellationToken);
            }
            catch (InputException)
            {
                continue;
            }

            // rsync refuses a file over a directory that is not empty, and chooses by its own order between two files with one path.
            if (result.Warnings.Count > 0) continue;
            await Tool.BashAsync("rsync -aIKO --no-perms contents/ base/", directory.Path);
            var seen = new FileTree(Trees.Overlay(result.Tree.Root, @base.Root));
            Assert.Equal(Trees.Lines(Read(directory["base"])).Prepend($"seed {seed}"), Trees.Lines(seen).Prepend($"seed {seed}"));
            same++;
            if (contents.Walk().Any(entry => entry.Node is not DirectoryNode && result.Tree.Find(entry.Path.Span) is null)) behindLinks++;
        }

        Assert.True(same >= 15 && behindLinks >= 5, $"{same} say something, {behindLinks} of them go through links.");

        static FileTree Read(string path) => Trees.InMemory(HostTree.Read(path, new(), TestContext.Current.CancellationToken));
    }

    private static async Task<ContentsResult> LandAsync(string contents, string @base)
    {
        using var directory = new TemporaryDirectory();
        var below = await Trees.MakeAsync(directory["base"], @base);
        var above = await Trees.MakeAsync(directory["contents"], contents);
        var result = ContentsLanding.Land(new(above, []), below, TestContext.Current.CancellationToken);
        return result;
    }
}
