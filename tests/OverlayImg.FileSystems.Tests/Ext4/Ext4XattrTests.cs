using OverlayImg.Testing;

namespace OverlayImg.FileSystems.Tests.Ext4;

public class Ext4XattrTests
{
    private const ushort UserObject = 1, User = 2, GroupObject = 4, Group = 8, Mask = 16, Other = 32;
    private static readonly byte[] Capability = [1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    [Fact]
    public async Task The_kernel_finds_each_of_many_attributes_by_name()
    {
        var names = Enumerable.Range(0, 40).Select(number => $"user.{new string((char)('a' + (number * 7 % 26)), 1 + (number * 5 % 17))}{number}")
            .Concat(Enumerable.Range(0, 20).Select(number => $"trusted.t{number * 13 % 20}")).ToArray();
        var tree = Make.Tree(("f", Make.File("x", Make.With([.. names.Select((name, number) => (name, Make.Bytes(number, number)))]))));
        using var disk = await TestDisk.WriteAsync(tree);
        await disk.MountedAsync(async point =>
        {
            foreach (var (name, number) in names.Select((name, number) => (name, number)))
            {
                var result = await Tool.RunAsync("getfattr", ["--only-values", "-n", name, Path.Combine(point, "f")]);
                Assert.Equal(Make.Bytes(number, number), result.Succeeded().StandardOutputBytes);
            }

            return 0;
        });
        await disk.ShowsAsync(tree);
    }

    [Fact]
    public async Task Attributes_of_every_namespace_read_back()
    {
        var tree = Make.Tree(("f", Make.File("x", Make.With(
            ("security.capability", Capability), ("security.selinux", "system_u:object_r:bin_t:s0\0"u8.ToArray()),
            ("trusted.overlay.opaque", "y"u8.ToArray()),
            ("user.empty", []), ("user.binary", [0, 1, 255, 0]), ("user.näme", [1]), ("user.a.b=c", "="u8.ToArray())))));
        using var disk = await TestDisk.WriteAsync(tree);
        await disk.ShowsAsync(tree);
        Assert.Contains("cap_net_raw=ep", await disk.BashAsync("getcap f"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_attribute_without_a_namespace_reads_back_though_the_kernel_hides_it()
    {
        var tree = Make.Tree(("f", Make.File("x", Make.With(("com.apple.provenance", [1, 2, 3]), ("user.a", [4])))));
        using var disk = await TestDisk.WriteAsync(tree);
        Assert.Equal(TreeFacts.Of(tree), disk.ReaderFacts());
        Assert.Equal("user.a", (await disk.BashAsync("getfattr -m - f | sed -n 2p")).Trim());
    }

    [Theory]
    [InlineData(20, 0, false)]
    [InlineData(68, 0, false)]
    [InlineData(69, 0, true)]
    [InlineData(20, 400, true)]
    [InlineData(68, 4040, true)]
    public async Task Attributes_fill_the_inode_first_and_then_a_block(int first, int second, bool hasBlock)
    {
        // An entry has 16 bytes and a name of 4 bytes. The inode has room for 88 bytes, the block for 4060.
        var attributes = Make.Xattrs(("user.aaaa", Make.Bytes(first)));
        if (second > 0) attributes = attributes.With(ByteString.FromText("user.bbbb"), new(Make.Bytes(second)));
        var tree = Make.Tree(("f", Make.File("x", Make.Plain with { ExtendedAttributes = attributes })));
        using var disk = await TestDisk.WriteAsync(tree);
        await disk.ShowsAsync(tree);
        Assert.Equal(hasBlock, !(await disk.AskAsync("stat f")).Contains("File ACL: 0\n", StringComparison.Ordinal));
    }

    [Fact]
    public void Attributes_that_are_too_large_are_refused_with_their_path()
    {
        Metadata[] tooLarge =
        [
            Make.With(("user.aaaa", Make.Bytes(4100))),
            Make.With(("user.aaaa", Make.Bytes(4041)), ("user.bbbb", Make.Bytes(69))),
            Make.With(("user." + new string('n', 256), [])),
        ];
        foreach (var metadata in tooLarge)
        {
            var tree = Make.Tree(("d", Make.Directory(("f", Make.File("x", metadata)))));
            Assert.Equal("d/f", TestDisk.Refusal<InputException>(tree).Where.Path);
        }
    }

    [Fact]
    public async Task Access_control_lists_are_converted_to_the_disks_form_and_back()
    {
        var acl = Make.Acl((UserObject, 6, uint.MaxValue), (User, 4, 1000), (User, 7, 4_000_000_000), (GroupObject, 4, uint.MaxValue), (Group, 5, 77),
            (Mask, 7, uint.MaxValue), (Other, 0, uint.MaxValue));
        // 0670: in the mode, the mask takes the place of the group's permissions.
        var metadata = Make.With(("system.posix_acl_access", acl)) with { Permissions = 0x1B8 };
        var both = Make.Xattrs(("system.posix_acl_access", acl), ("system.posix_acl_default", acl));
        var directory = new DirectoryNode(metadata with { ExtendedAttributes = both });
        var tree = Make.Tree(("f", Make.File("x", metadata)), ("d", directory));
        using var disk = await TestDisk.WriteAsync(tree);
        var shown = await disk.BashAsync("getfacl -n --omit-header f");
        Assert.Equal("user::rw-\nuser:1000:r--\nuser:4000000000:rwx\ngroup::r--\ngroup:77:r-x\nmask::rwx\nother::---\n\n", shown);
        await disk.ShowsAsync(tree);
    }

    [Fact]
    public void A_malformed_access_control_list_is_refused_with_its_path()
    {
        var tree = Make.Tree(("f", Make.File("x", Make.With(("system.posix_acl_access", [1, 2, 3])))));
        Assert.Equal("f", TestDisk.Refusal<InputException>(tree).Where.Path);
    }
}
