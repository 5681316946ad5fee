using FsCheck;
using FsCheck.Fluent;

namespace OverlayImg.FileSystems.Tests.Trees;

public sealed class TreePathTests
{
    [Fact]
    public void A_path_that_is_split_and_joined_stays_the_same() => Prop.ForAll<byte[]>(bytes =>
    {
        // A small alphabet makes slashes frequent.
        var path = ByteString.FromText(string.Join('/', Split([.. bytes.Select(value => (byte)("ab./"[value % 4]))])));
        return TreePath.Join(TreePath.Parent(path), TreePath.Name(path)) == path &&
            Split(path.Span).Aggregate(ByteString.Empty, (joined, name) => TreePath.Join(joined, ByteString.FromText(name))) == path;
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("", "")]
    [InlineData("/", "")]
    [InlineData("a", "a")]
    [InlineData("//a///b/", "a b")]
    [InlineData("./a/../b", ". a .. b")]
    public void Components_are_the_names_between_slashes(string path, string names) =>
        Assert.Equal(names, string.Join(' ', Split(ByteString.FromText(path).Span)));

    [Fact]
    public void The_parent_of_a_name_in_the_root_is_the_root()
    {
        Assert.Equal(ByteString.Empty, TreePath.Parent(ByteString.FromText("a")));
        Assert.Equal(ByteString.FromText("a"), TreePath.Name(ByteString.FromText("a")));
        Assert.Equal(ByteString.Empty, TreePath.Join(ByteString.Empty, ByteString.Empty));
    }

    private static List<string> Split(ReadOnlySpan<byte> path)
    {
        var names = new List<string>();
        foreach (var range in TreePath.Components(path)) names.Add(new ByteString(path[range]).ToString());
        return names;
    }
}
