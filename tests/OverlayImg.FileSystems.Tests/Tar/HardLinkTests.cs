using OverlayImg.FileSystems.Tar;
using OverlayImg.Testing;

namespace OverlayImg.FileSystems.Tests.Tar;

/// <summary>
/// A hard link refers to the file that its target is at the time of the link, in the archive or in the lower files. The results are compared with
/// GNU tar.
/// </summary>
public sealed class HardLinkTests
{
    /// <summary>
    /// Archives in a short form: <c>name=text</c> is a file, <c>name&lt;target</c> a hard link, <c>name&gt;target</c> a symbolic link, and
    /// <c>name/</c> a directory.
    /// </summary>
    [Theory]
    [InlineData("y=old", "x<y y=new")]
    [InlineData("y=old", "y=new x<y")]
    [InlineData("y=old", "x<y z<x x=new y=newer")]
    [InlineData("y=old", "a<y b<a c<b y=new a=1 b=2")]
    [InlineData("d/y=old d/z=z", "x<d/y d=file")]
    [InlineData("d/y=old e/y=other", "x<d/y d>e z<d/y")]
    [InlineData("bin>usr/bin usr/bin/f=old", "x<bin/f usr/bin/f=new z<bin/f")]
    [InlineData("bin>usr/bin usr/bin/f=old", "usr/bin/f=new x<bin/f")]
    [InlineData("s>y y=old", "x<s s=new")]
    public async Task A_hard_link_refers_to_the_file_that_exists_at_the_time_of_the_link(string lower, string upper)
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllBytes(directory["lower.tar"], Archive(lower));
        File.WriteAllBytes(directory["upper.tar"], Archive(upper));
        // By default GNU tar does not replace a directory that is not empty. --recursive-unlink makes it do so, after the link was made.
        var unpacked = await Tool.BashAsync("""
            mkdir t; tar -C t -xf lower.tar; tar -C t --recursive-unlink -xf upper.tar
            cd t; for f in x z b c; do [ -L $f ] && echo "$f>$(readlink $f)" || { [ -e $f ] && echo "$f=$(cat $f)"; } || true; done
            """, directory.Path);
        using var lowerSource = ByteSource.Open(directory["lower.tar"]);
        using var upperSource = ByteSource.Open(directory["upper.tar"]);
        var reading = new TreeReading { Lower = new(Archives.Read(lowerSource).Tree, (_, _) => false) };
        var tree = TarTree.Read(upperSource, 0, upperSource.Length, new("upper.tar"), reading, Archives.None).Tree;
        Assert.Equal(unpacked.Split('\n', StringSplitOptions.RemoveEmptyEntries), Listing(tree));
    }

    [Fact]
    public void A_hard_link_does_not_refer_to_a_lower_file_that_the_archive_hides()
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllBytes(directory["upper.tar"], Archive(".wh.y= x<y y=new"));
        using var source = ByteSource.Open(directory["upper.tar"]);
        var lower = new FileTree();
        lower.Root.Set(ByteString.FromText("y"), new RegularFileNode(Metadata.DefaultFile, FileContent.Empty));
        var reading = new TreeReading { Lower = new(lower, (parent, name) => parent.Find(ByteString.FromText($".wh.{name}")) is not null) };
        var tree = TarTree.Read(source, 0, source.Length, new("upper.tar"), reading, Archives.None).Tree;
        Assert.Equal("new"u8.ToArray(), tree.Contents("x"));
    }

    [Fact]
    public void Hard_links_to_one_link_stay_one_file_when_the_target_follows_later()
    {
        var result = Archives.Read(Archive("x<y z<x x=other y=late"));
        Assert.Same(result.Tree.Find("y"), result.Tree.Find("z"));
        Assert.True(result.HasLinksAheadOfTargets);
        Assert.False(Archives.Read(Archive("y=1 x<y")).HasLinksAheadOfTargets);
    }

    [Fact]
    public void A_long_chain_of_links_before_their_targets_takes_linear_time()
    {
        const int Count = 20_000;
        var chain = string.Join(' ', Enumerable.Range(0, Count).Select(number => $"n{number}<n{number + 1}"));
        var tree = Archives.Read(Archive($"{chain} n{Count}=end")).Tree;
        Assert.Same(tree.Find($"n{Count}"), tree.Find("n0"));
    }

    private static IEnumerable<string> Listing(FileTree tree)
    {
        foreach (var name in (string[])["x", "z", "b", "c"])
        {
            if (tree.Find(name) is SymbolicLinkNode link) yield return $"{name}>{link.Target}";
            else if (tree.Find(name) is not null) yield return $"{name}={System.Text.Encoding.ASCII.GetString(tree.Contents(name))}";
        }
    }

    private static byte[] Archive(string entries)
    {
        var archive = new RawTar();
        foreach (var entry in entries.Split(' '))
        {
            var mark = entry.IndexOfAny(['=', '<', '>']);
            if (mark < 0) archive.Header(entry, '5');
            else if (entry[mark] == '=') archive.File(entry[..mark], entry[(mark + 1)..]);
            else archive.Header(entry[..mark], entry[mark] == '<' ? '1' : '2', 0, entry[(mark + 1)..]);
        }

        return archive.End();
    }
}
