using OverlayImg.FileSystems.Ext4.Reading;
using OverlayImg.Testing;

namespace OverlayImg.FileSystems.Tests.Ext4;

public class Ext4ReaderTests
{
    [Fact]
    public async Task Changes_by_the_kernel_are_read()
    {
        var shared = Make.File("shared\n");
        var tree = Make.Tree(("layer", Make.Directory(
            ("gone", Make.File()), ("changed", Make.Sized(100_000)), ("truncated", Make.Sized(1_000_000)),
            ("linked", shared), ("also-linked", shared),
            ("moved", Make.Directory(("inside", Make.File()))), ("many", Make.Many(500, number => $"old-{number}", () => Make.File())))),
            ("work", Make.Directory()), ("out", Make.Directory()));
        using var disk = await TestDisk.WriteAsync(tree, new() { Size = 1L << 30 });
        const string Script = """
            cd layer
            rm gone; mknod gone c 0 0
            echo more >> changed
            dd if=/dev/urandom of=changed bs=1000 seek=500 count=3 conv=notrunc status=none
            rm linked; ln also-linked again
            truncate -s 4097 truncated; truncate -s 5G sparse; echo end >> sparse
            fallocate -l 3M set-aside; touch set-aside-behind; fallocate -n -l 1M set-aside-behind; echo x >> set-aside-behind
            mv moved ../out/elsewhere
            mkdir -p deep/$(printf 'd/%.0s' {1..200}); chmod 3777 deep
            ln -s "$(printf 't%.0s' {1..59})" s59; ln -s "$(printf 't%.0s' {1..60})" s60; ln -s "$(printf 't%.0s' {1..4000})" s4000
            mkfifo pipe; mknod block b 259 70000; mknod char c 1 3
            perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0) && bind(S, sockaddr_un("sock")) or die'
            setfattr -n trusted.overlay.opaque -v y deep
            for n in $(seq 50); do setfattr -n user.attribute$n -v value$n changed; done
            setfattr -h -n trusted.large -v "$(printf 'v%.0s' {1..3000})" s4000
            setfacl -m u:1000:rw,g:77:r changed; setfacl -d -m u:5:rwx deep
            chown 4294967294:70000 changed; touch -d 1960-02-03T04:05:06.789 also-linked; touch -d '2200-01-01 00:00:00.000000001' truncated
            mkdir big; (cd big; seq -f 'a-file-with-a-long-name-%.0f' 50000 | xargs touch; seq -f 'a-file-with-a-long-name-%.0f' 2 7 50000 | xargs rm)
            (cd many; seq -f 'new-%.0f' 5000 | xargs touch; rm old-1*)
            perl -e 'open(F, ">", "fragments") or die; for (0..399) { sysseek(F, $_ * 20000, 0); syswrite(F, "x") or die }'
            cp -a --reflink=never changed copy
            """;
        var expected = await disk.MountedAsync(
            async point =>
            {
                await Tool.BashAsync(Script, point);
                await Tool.BashAsync("sync");
                return await KernelFacts.OfAsync(point);
            },
            readOnly: false);
        await disk.CheckAsync();
        Assert.Equal(expected, disk.ReaderFacts());
        Assert.Contains("Flags: 0x81000", await disk.AskAsync("stat layer/big"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-b 4096")]
    [InlineData("-b 1024 -I 128")]
    [InlineData("-b 2048 -O ^has_journal,metadata_csum,64bit")]
    [InlineData("-b 1024 -O ^flex_bg,^has_journal")]
    public async Task Disks_of_mke2fs_are_read_as_by_the_kernel(string options)
    {
        using var directory = new TemporaryDirectory();
        using var disk = new TestDisk();
        await Tool.BashAsync($$"""
            mkdir src; cp -a /etc/. src; mkdir src/d src/many
            ln src/passwd src/d/passwd; mknod src/dev c 1 3; ln -s "$(printf 't%.0s' {1..300})" src/long
            seq -f 'src/many/name-%.0f' 3000 | xargs touch
            setfattr -n user.x -v y src/passwd; setfattr -n user.y -v "$(printf 'v%.0s' {1..600})" src/d
            mke2fs -q -t ext4 {{options}} -d src {{disk.Path}} 64M
            """, directory.Path);
        Assert.Equal(await disk.KernelFactsAsync(), disk.ReaderFacts());
    }

    [Fact]
    public async Task Inodes_may_share_a_block_of_extended_attributes()
    {
        using var disk = await TestDisk.WriteAsync(new FileTree(), new() { Size = 64 << 20 });
        // The kernel makes inodes with equal attributes share a block.
        const string Script = """
            touch a b c
            for f in a b c; do setfattr -n user.x -v "$(printf 'v%.0s' {1..500})" $f; done
            setfattr -n user.small -v 1 b
            """;
        await disk.BashAsync(Script, readOnly: false);
        var stats = await Task.WhenAll("abc".Select(name => disk.AskAsync($"stat {name}")));
        Assert.Single(stats.Select(text => text.Split("File ACL: ")[1].Split('\n')[0]).Distinct());
        Assert.Equal(await disk.KernelFactsAsync(), disk.ReaderFacts());
    }

    [Fact]
    public async Task A_mounted_disk_is_refused()
    {
        using var disk = await TestDisk.WriteAsync(new FileTree(), new() { Size = 64 << 20 });
        await disk.MountedAsync(async point =>
        {
            await Tool.BashAsync("touch x; sync", point);
            Assert.Contains("not unmounted cleanly", Assert.Throws<InputException>(disk.ReaderFacts).Message, StringComparison.Ordinal);
            return 0;
        }, readOnly: false);
        Assert.Equal(2, disk.ReaderFacts().Count);
    }

    [Theory]
    [InlineData("set_super_value state 0", "not unmounted cleanly")]
    [InlineData("set_super_value state 3", "not unmounted cleanly")]
    [InlineData("set_super_value last_orphan 12", "not unmounted cleanly")]
    [InlineData("feature needs_recovery", "not unmounted cleanly")]
    [InlineData("feature inline_data", "features that can't be read")]
    [InlineData("feature encrypt", "features that can't be read")]
    [InlineData("set_super_value blocks_count 999999", "shorter than its superblock says")]
    [InlineData("set_super_value inodes_count 1000000", "impossible numbers of inodes")]
    [InlineData("set_super_value inode_size 0", "impossible numbers of inodes")]
    [InlineData("set_super_value inode_size 8192", "impossible numbers of inodes")]
    [InlineData("set_super_value inodes_per_group 0", "impossible numbers of inodes")]
    [InlineData("set_super_value blocks_per_group 8", "impossible size")]
    [InlineData("set_super_value log_block_size 60", "more than 4096")]
    [InlineData("set_inode_field d links_count 0", "not in use")]
    [InlineData("set_inode_field f mode 0", "not in use")]
    [InlineData("set_inode_field f mode 0120644", "damaged symbolic link")]
    [InlineData("set_inode_field f mode 0060644", "another file type")]
    [InlineData("set_inode_field d size 4095", "has holes")]
    [InlineData("set_inode_field d size 4096000000", "has holes")]
    [InlineData("set_inode_field f size 0x7FFFFFFFFFFFFFFF", "impossible size")]
    [InlineData("set_inode_field f flags 0", "not mapped by extents")]
    [InlineData("set_inode_field d flags 0", "not mapped by extents")]
    [InlineData("set_inode_field f block[0] 0", "damaged extent tree")]
    [InlineData("set_inode_field f block[1] 5", "damaged extent tree")]
    [InlineData("set_inode_field f block[5] 1", "another structure on the disk uses, too")]
    [InlineData("set_inode_field f block[5] 0x7FFFFFFF", "beyond the end")]
    [InlineData("set_inode_field f block[4] 0", "impossible length")]
    [InlineData("set_inode_field f file_acl 1", "another structure on the disk uses, too")]
    [InlineData("set_inode_field f extra_isize 200", "impossible size")]
    [InlineData("set_inode_field f mtime_extra 0xFFFFFFFC", "impossible time")]
    [InlineData("link d d/loop", "more names than its link count")]
    [InlineData("link <2> d/root", "reserved")]
    [InlineData("link <5> d/boot", "reserved")]
    [InlineData("link f d/again", "more names than its link count")]
    public async Task A_damaged_disk_is_refused_with_a_message(string command, string words)
    {
        var tree = Make.Tree(("d", Make.Directory(("x", Make.File()))), ("f", Make.Sized(5000)));
        using var disk = await TestDisk.WriteAsync(tree, new() { Size = 16 << 20 });
        await Tool.OutputAsync("debugfs", "-w", "-R", command, disk.Path);
        Assert.Contains(words, Assert.Throws<InputException>(disk.ReaderFacts).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(2047)]
    [InlineData(5000)]
    public void A_file_that_is_not_an_ext4_disk_is_refused(int length)
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllBytes(directory["disk.img"], Make.Bytes(length));
        using var source = ByteSource.Open(directory["disk.img"]);
        var error = Assert.Throws<InputException>(() => Ext4Reader.Read(source, CancellationToken.None));
        Assert.Contains("ext4 disk", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_path_that_is_too_long_is_refused()
    {
        using var disk = await TestDisk.WriteAsync(new FileTree(), new() { Size = 64 << 20 });
        await disk.BashAsync("for i in {1..20}; do d=$(printf 'd%.0s' {1..250}); mkdir $d; cd $d; done", readOnly: false);
        Assert.Contains("longer than 4095", Assert.Throws<InputException>(disk.ReaderFacts).Message, StringComparison.Ordinal);
    }
}
