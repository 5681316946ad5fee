using FsCheck;
using FsCheck.Fluent;
using OverlayImg.Testing;

namespace OverlayImg.FileSystems.Tests.Trees;

public sealed class ByteStringTests
{
    [Fact]
    public async Task Names_sort_as_by_sort_in_the_C_locale()
    {
        var random = new Random(1);
        var names = Enumerable.Range(0, 2000).Select(_ => RandomName(random)).ToList();
        var input = new MemoryStream(names.SelectMany(name => (byte[])[.. name.Span, 0]).ToArray());
        var sort = await Tool.RunAsync("sort", ["-z"], input, environment: new Dictionary<string, string?> { ["LC_ALL"] = "C" },
            cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(sort.Succeeded().StandardOutputBytes, names.Order().SelectMany(name => (byte[])[.. name.Span, 0]));
    }

    [Fact]
    public void Equality_order_and_hash_agree() => Prop.ForAll<byte[], byte[]>((left, right) =>
    {
        var (a, b, again) = (new ByteString(left), new ByteString(right), new ByteString(left.AsSpan()));
        var isItself = a == again && a.GetHashCode() == again.GetHashCode() && a.CompareTo(again) == 0;
        return isItself && (a == b) == (a.CompareTo(b) == 0) && (a < b) == (b > a) && (a <= b) != (a > b);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void All_empty_strings_are_equal()
    {
        Assert.Equal(ByteString.Empty, new ByteString([]));
        Assert.Equal(ByteString.Empty.GetHashCode(), ByteString.FromText("").GetHashCode());
        Assert.True(ByteString.Empty.IsEmpty);
    }

    [Fact]
    public void Null_and_the_empty_string_differ()
    {
        ByteString? none = null;
        Assert.True(none != ByteString.Empty && ByteString.Empty != none && none == null);
        Assert.False(ByteString.Empty.Equals(none));
        Assert.True(ByteString.Empty.CompareTo(none) > 0);
    }

    /// <summary>Compares with ls -b, but only what both escape alike: ls has more letters (\a, \b, \f, \v) and escapes spaces.</summary>
    [Fact]
    public async Task Names_are_escaped_as_by_ls()
    {
        using var directory = new TemporaryDirectory();
        const string names = @"$'caf\xc3\xa9' $'\xff\xfe' $'new\nline' $'tab\t\r' 'back\slash' $'esc\e[31m' $'cut\xc3' $'\xed\xa0\x80' $'del\x7f'";
        await Tool.BashAsync($"touch {names}", directory.Path);
        var ls = await Tool.BashAsync("LC_ALL=C.UTF-8 ls -b", directory.Path);
        var tree = HostDirectoryTree(directory.Path);
        Assert.Equal(ls.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal),
            tree.Root.SortedEntries().Select(entry => entry.Name.ToString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Bidirectional_and_invisible_characters_are_escaped()
    {
        Assert.Equal(@"a\342\200\256b", DisplayName.Of("a\u202eb"u8));
        Assert.Equal(@"\342\200\213", DisplayName.Of("\u200b"u8));
        Assert.Equal(@"\302\233", DisplayName.Of("\u009b"u8));
    }

    [Fact]
    public void Different_names_are_printed_differently() => Prop.ForAll<byte[], byte[]>((left, right) =>
        left.AsSpan().SequenceEqual(right) || DisplayName.Of(left) != DisplayName.Of(right)).QuickCheckThrowOnFailure();

    private static ByteString RandomName(Random random)
    {
        var bytes = new byte[random.Next(1, 6)];
        for (var index = 0; index < bytes.Length; index++)
        {
            bytes[index] = random.Next(3) == 0 ? (byte)random.Next(1, 256) : (byte)"ab.-\xff"[random.Next(5)];
        }

        return new(bytes);
    }

    private static FileTree HostDirectoryTree(string path) =>
        FileSystems.HostDirectory.HostTree.Read(path, new() { Xattrs = false }, TestContext.Current.CancellationToken);
}
