using OverlayImg.FileSystems.Tar;
using OverlayImg.Testing;

namespace OverlayImg.FileSystems.Tests.Tar;

/// <summary>
/// A <see cref="TarContent"/> has the same bytes as the written archive, at any offset. Python's header format has the same bytes as Python's own.
/// </summary>
public sealed class TarContentTests
{
    [Theory]
    [InlineData(TarHardLinks.Dereference)]
    [InlineData(TarHardLinks.LikeGnuTar)]
    [InlineData(TarHardLinks.Preserve)]
    public void Content_equals_the_written_archive_read_as_a_whole_or_in_pieces(TarHardLinks hardLinks)
    {
        var tree = Tree();
        var options = new TarWriterOptions { HardLinks = hardLinks, MTime = new(1) };
        using var written = new MemoryStream();
        TarTreeWriter.Write(tree, written, options, CancellationToken.None);
        var expected = written.ToArray();
        var content = TarContent.Of(tree, options, CancellationToken.None);
        Assert.Equal(expected.Length, content.Length);

        var random = new Random(5);
        foreach (var size in (int[])[expected.Length, 1, 511, 512, 513, 700, 10_000])
        {
            var read = new byte[expected.Length];
            for (var offset = 0; offset < read.Length; offset += size)
                content.Read(offset, read.AsSpan(offset, Math.Min(size, read.Length - offset)));
            Assert.Equal(expected, read);
        }

        for (var count = 0; count < 200; count++)
        {
            var offset = random.Next(expected.Length);
            var piece = new byte[random.Next(expected.Length - offset)];
            content.Read(offset, piece);
            Assert.Equal(expected[offset..(offset + piece.Length)], piece);
        }
    }

    [Fact]
    public async Task Headers_in_pythons_format_equal_pythons_own()
    {
        // The arguments of the Python script below, with the link target, and one name for owner and group.
        (string Name, string Link, int Mode, uint Uid, uint Gid, long Size, long Time, TarTypeFlag Type, string Uname, uint Device)[] members =
        [
            ("a", "", 0x1A4, 0, 0, 0, 1, TarTypeFlag.RegularFile, "root", 0),
            ("big", "", 0x1FF, 2097151, 2097152, 8589934591, 8589934591, TarTypeFlag.RegularFile, new('u', 32), 0),
            ("bigger", "", 0xFFF, 2097152, 4294967294, 8589934592, 8589934592, TarTypeFlag.RegularFile, new('u', 33), 0),
            ("old", "", 0, 0, 0, 1L << 40, -1, TarTypeFlag.RegularFile, "ü", 0),
            (new string('n', 100), new('l', 100), 0x1FF, 0, 0, 0, 1, TarTypeFlag.SymbolicLink, "", 0),
            (new string('n', 101), new('l', 101), 0x1FF, 0, 0, 0, 1, TarTypeFlag.SymbolicLink, "", 0),
            (new string('é', 60), "→", 0x1FF, 0, 0, 0, 1, TarTypeFlag.SymbolicLink, "", 0),
            ("dir/", "", 0x1ED, 0, 0, 0, 1, TarTypeFlag.Directory, "root", 0),
            ("device", "", 0x1B6, 0, 5, 0, 1, TarTypeFlag.CharacterDevice, "root", 259),
            ("pipe", "", 0x1B6, 0, 5, 0, 1, TarTypeFlag.Fifo, "root", 0),
        ];
        foreach (var member in members)
        {
            using var headers = new MemoryStream();
            using var output = new BufferedOutput(headers);
            TarHeaderWriter.Write(new()
            {
                Name = ByteString.FromText(member.Name),
                LinkName = ByteString.FromText(member.Link),
                Permissions = member.Mode,
                Uid = member.Uid,
                Gid = member.Gid,
                Size = member.Size,
                ModificationTime = new(member.Time),
                TypeFlag = member.Type,
                Uname = ByteString.FromText(member.Uname),
                Gname = ByteString.FromText(member.Uname),
                DevMajor = member.Device,
                DevMinor = member.Device,
            }, TarFormat.Python, output);
            output.Flush();
            var expected = await Tool.RunAsync("python3",
                [
                    "-c",
                    """
                    import sys, tarfile
                    name, link, mode, uid, gid, size, time, kind, uname, device = sys.argv[1:]
                    info = tarfile.TarInfo(name)
                    info.linkname, info.mode, info.uid, info.gid, info.size, info.mtime = link, int(mode), int(uid), int(gid), int(size), int(time)
                    info.type, info.uname, info.gname, info.devmajor, info.devminor = kind.encode(), uname, uname, int(device), int(device)
                    sys.stdout.buffer.write(info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape"))
                    """,
                    member.Name, member.Link, $"{member.Mode}", $"{member.Uid}", $"{member.Gid}", $"{member.Size}", $"{member.Time}",
                    $"{(char)member.Type}", member.Uname, $"{member.Device}",
                ]);
            Assert.Equal(Convert.ToHexString(expected.Succeeded().StandardOutputBytes), Convert.ToHexString(headers.ToArray()));
        }
    }

    private static FileTree Tree()
    {
        var tree = new FileTree();
        var random = new Random(7);
        var directory = new DirectoryNode(Metadata.DefaultDirectory);
        tree.Root.Set(new("dir"u8), directory);
        FileNode[] nodes =
        [
            File(0), File(1), File(512), File(513), File(3000),
            new SymbolicLinkNode(Metadata.DefaultFile, ByteString.FromText(new string('t', 150))),
            new SpecialNode(Metadata.DefaultFile, FileType.Fifo), new SpecialNode(Metadata.DefaultFile, FileType.CharacterDevice, 1, 3),
        ];
        for (var index = 0; index < nodes.Length; index++)
        {
            directory.Set(ByteString.FromText($"{index}"), nodes[index]);
            tree.Root.Set(ByteString.FromText(new string('n', 120) + index), nodes[index]);
        }

        tree.Root.Set(new("empty"u8), new DirectoryNode(Metadata.DefaultDirectory));
        return tree;

        RegularFileNode File(int size)
        {
            var bytes = new byte[size];
            random.NextBytes(bytes);
            return new(Metadata.DefaultFile, new MemoryContent(bytes));
        }
    }
}
