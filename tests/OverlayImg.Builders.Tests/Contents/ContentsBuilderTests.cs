using OverlayImg.FileSystems;
using OverlayImg.Layers.Contents;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.Contents;

public sealed class ContentsBuilderTests
{
    [Fact]
    public async Task A_link_into_the_store_becomes_a_directory_wherever_in_the_store_it_ends()
    {
        using var directory = new TemporaryDirectory();
        await Tool.BashAsync("""
            mkdir -p store/x-tool/share/doc store/y-data/deep item
            printf 1 > store/x-tool/share/doc/a; printf 2 > store/y-data/deep/b
            ln -s ../../y-data store/x-tool/share/data; ln -s y-data/deep store/z-alias
            ln -s "$PWD/store/x-tool/share" item/share; ln -s "$PWD/store/z-alias" item/alias; ln -s "$PWD/store/y-data/deep/b" item/file
            """, directory.Path);
        var result = Build(directory, "item");
        Assert.Equal(
            [
                ". 775 d", "alias 755 d", "alias/b 644 f 2", $"file 777 l {directory["store"]}/y-data/deep/b", "share 755 d", "share/data 755 d",
                "share/data/deep 755 d", "share/data/deep/b 644 f 2", "share/doc 755 d", "share/doc/a 644 f 1",
            ],
            Trees.Lines(result.Tree));
        Assert.Empty(result.Warnings);
    }

    [Fact]
    public async Task Links_of_an_item_in_the_store_reach_the_other_store_paths()
    {
        using var directory = new TemporaryDirectory();
        await Tool.BashAsync("""
            mkdir -p store/env/sub store/env/other store/tool/bin; printf 1 > store/tool/bin/t; touch store/env/other/o
            ln -s ../tool/bin store/env/bin; ln -s ../../tool store/env/sub/up; ln -s ../other store/env/sub/l
            """, directory.Path);
        Assert.Equal(
            [
                ". 775 d", "bin 755 d", "bin/t 644 f 1", "other 755 d", "other/o 644 f ", "sub 755 d", "sub/l 755 d", "sub/l/o 644 f ",
                "sub/up 755 d", "sub/up/bin 755 d", "sub/up/bin/t 644 f 1",
            ],
            Trees.Lines(Build(directory, "store/env").Tree));
        // An item can also be a subdirectory of a store path that links to the rest of the store path.
        var part = Build(directory, "store/env/sub");
        Assert.Equal([". 775 d", "l 755 d", "l/o 644 f ", "up 755 d", "up/bin 755 d", "up/bin/t 644 f 1"], Trees.Lines(part.Tree));
    }

    [Fact]
    public async Task A_link_to_a_directory_elsewhere_on_the_host_stays_a_link_and_gives_a_warning()
    {
        using var directory = new TemporaryDirectory();
        await Tool.BashAsync("""
            mkdir item out; touch out/secret; ln -s ../out item/relative; ln -s /usr item/absolute
            ln -s /no/such item/dangling; ln -s /etc/passwd item/file; ln -s self item/self
            """, directory.Path);
        var result = Build(directory, "item");
        Assert.All(result.Tree.Root.UnsortedEntries, entry => Assert.IsType<SymbolicLinkNode>(entry.Node));
        Assert.Equal(2, result.Warnings.Count);
        Assert.Contains("absolute", result.Warnings[0], StringComparison.Ordinal);
        Assert.Contains("relative", result.Warnings[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mkdir d; ln -s . d/self", "d/self")]
    [InlineData("mkdir -p a b; ln -s ../b a/l; ln -s ../a b/l", "a/l/l")]
    [InlineData("ln -s \"$PWD\" top", "top")]
    public async Task Link_cycles_are_refused_with_their_path(string script, string path)
    {
        using var directory = new TemporaryDirectory();
        await Trees.MakeAsync(directory["item"], script);
        Assert.Equal(path, Assert.Throws<InputException>(() => Build(directory, "item")).Where.Path);
        Assert.NotNull(Build(directory, new ContentsOptions { KeepDirectoryLinks = true }, "item"));
    }

    [Theory]
    [InlineData("mkdir d; touch d/.wh.x", "d/.wh.x")]
    [InlineData("mkdir .wh.d", ".wh.d")]
    [InlineData("mknod w c 0 0", "w")]
    [InlineData("python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"s\")'", "s")]
    public async Task Files_that_a_layer_cannot_hold_are_refused_with_their_path(string script, string path)
    {
        using var directory = new TemporaryDirectory();
        await Trees.MakeAsync(directory["item"], script);
        var exception = Assert.Throws<InputException>(() => Build(directory, "item"));
        Assert.Equal((directory["item"], path), (exception.Where.File, exception.Where.Path));
        Assert.NotNull(exception.Advice);
    }

    [Fact]
    public async Task Devices_pipes_attributes_and_set_user_id_bits_are_kept_and_the_owner_is_root()
    {
        using var directory = new TemporaryDirectory();
        await Tool.BashAsync("""
            mkdir -p item/d; mknod item/null c 1 3; mkfifo item/p; touch item/f; ln item/f item/g; chown -R 12:34 item; chmod 4755 item/f
            setfattr -n user.u -v 1 item/f; setcap cap_net_raw=p item/f; setfattr -n trusted.overlay.opaque -v y item/d
            """, directory.Path);
        var result = Build(directory, "item");
        Assert.All(result.Tree.Walk(), entry => Assert.Equal((0u, 0u), (entry.Node.Uid, entry.Node.Gid)));
        var file = result.Tree.Find("f"u8)!;
        Assert.Equal(["security.capability", "user.u"], file.ExtendedAttributes.Select(attribute => attribute.Name.ToString()));
        Assert.Equal(0x9ED /* 04755 */, file.Permissions);
        Assert.NotSame(file, result.Tree.Find("g"u8));
        Assert.Equal((1u, 3u), Assert.IsType<SpecialNode>(result.Tree.Find("null"u8)) is var device ? (device.Major, device.Minor) : default);
        Assert.Empty(result.Tree.Find("d"u8)!.ExtendedAttributes);
        Assert.Contains("trusted.overlay", Assert.Single(result.Warnings), StringComparison.Ordinal);

        var others = Build(directory, new ContentsOptions { Uid = 5, Gid = 6, Xattrs = false }, "item");
        Assert.All(others.Tree.Walk(), entry => Assert.Equal((5u, 6u, 0), (entry.Node.Uid, entry.Node.Gid, entry.Node.ExtendedAttributes.Count)));
    }

    [Fact]
    public async Task A_later_file_wins_even_if_it_has_the_size_and_time_of_the_earlier_one()
    {
        using var directory = new TemporaryDirectory();
        await Tool.BashAsync("mkdir one two; printf 1 > one/f; printf 2 > two/f; touch -d @1 */f; chmod 555 one two", directory.Path);
        Assert.Equal([". 775 d", "f 644 f 2"], Trees.Lines(Build(directory, "one", "two").Tree));
        Assert.Equal([". 775 d", "f 644 f 1"], Trees.Lines(Build(directory, "two", "one").Tree));
    }

    [Fact]
    public async Task An_archive_is_merged_in_order_and_its_implied_directories_change_nothing()
    {
        using var directory = new TemporaryDirectory();
        await Tool.BashAsync("mkdir -p one/d; chmod 700 one one/d; touch archive", directory.Path);
        var archive = new FileTree(new DirectoryNode(Metadata.DefaultDirectory, isImplied: true));
        var implied = new DirectoryNode(Metadata.DefaultDirectory, isImplied: true);
        archive.Root.Set(ByteString.FromText("d"), implied);
        implied.Set(ByteString.FromText("f"), new RegularFileNode(Metadata.DefaultFile, FileContent.Empty));
        archive.Root.Set(ByteString.FromText("l"), new SymbolicLinkNode(Metadata.DefaultFile, ByteString.FromText("d")));
        archive.Root.Set(ByteString.FromText("out"), new SymbolicLinkNode(Metadata.DefaultFile, ByteString.FromText("../../tmp")));

        var options = new ContentsOptions { Dialect = Dialect.DockerTools };
        var result = new ContentsBuilder(options, path => path == directory["archive"] ? archive : throw new InvalidOperationException(path))
            .Build([directory["one"], directory["archive"]], TestContext.Current.CancellationToken);

        Assert.Equal([". 720 d", "d 700 d", "d/f 644 f ", "l 755 d", "l/f 644 f ", "out 644 l ../../tmp"], Trees.Lines(result.Tree));
        Assert.Empty(result.Warnings);
    }

    [Fact]
    public void Contents_that_do_not_exist_are_refused_by_name()
    {
        using var directory = new TemporaryDirectory();
        Assert.Equal(directory["nothing"], Assert.Throws<InputException>(() => Build(directory, "nothing")).Where.File);
    }

    [Fact]
    public void No_contents_give_an_empty_layer_with_a_group_writable_root()
    {
        using var directory = new TemporaryDirectory();
        var result = Build(directory);
        Assert.Equal([". 775 d"], Trees.Lines(result.Tree));
        Assert.True(result.Tree.Root.IsImplied);
    }

    private static ContentsResult Build(TemporaryDirectory directory, params string[] items) =>
        Build(directory, new ContentsOptions { Dialect = Dialect.DockerTools }, items);

    private static ContentsResult Build(TemporaryDirectory directory, ContentsOptions options, params string[] items)
    {
        var withStore = options with { StoreDirectory = ByteString.FromText(directory["store"]) };
        var builder = new ContentsBuilder(withStore, path => throw new InvalidOperationException(path));
        return builder.Build(items.Select(item => directory[item]), TestContext.Current.CancellationToken);
    }
}
