using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.Testing;

namespace OverlayImg.FileSystems.Tests.HostDirectory;

public sealed class HostTreeTests
{
    // Every file type, and names, owners, modes, times and attributes that would not survive text encodings or 32-bit integers.
    private const string EveryKind = """
        mkdir -p dir/sub empty
        printf 'hello\n' > dir/file; : > dir/none
        ln dir/file dir/sub/again; ln dir/file third; ln -s ../file dir/sub/link; ln -s /nowhere dangling; ln dangling dangling-too
        mkfifo pipe; mknod null c 1 3; mknod disk b 259 1048575
        python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("socket")'
        printf x > $'caf\xe9 \xff"$(date)\'\\'; printf x > $'new\nline'; printf x > ./-dash; printf x > "$(printf 'n%.0s' {1..255})"
        mkdir $'dir\xfe'; printf y > $'dir\xfe/in it'
        chmod 4755 dir/file; chmod 1777 empty; chmod 2750 dir/sub; chmod 0 dir/none
        chown 4294967294:4294967293 dir/none; chown -h 12:34 dangling
        touch -d '1901-12-13T20:45:52.123456789Z' dir/none; touch -d '2400-02-29T12:00:00.000000001Z' empty; touch -h -d @0.5 dangling
        setfattr -n user.binary -v 0x00ff0a00 dir/file; setfattr -n trusted.t -v v dir; setfattr -h -n trusted.onlink -v 1 dangling
        setcap cap_net_bind_service=ep third; setfacl -m u:1000:rw dir/sub; setfacl -d -m g:7:r dir/sub; setfattr -n user.empty third
        """;

    private static readonly HostTreeOptions AsItIs = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Types_names_modes_owners_sizes_times_targets_and_links_equal_those_of_find()
    {
        using var directory = new TemporaryDirectory();
        await Tool.BashAsync(EveryKind, directory.Path);

        var tree = HostTree.Read(directory.Path, AsItIs, Cancellation);

        // The size of a directory depends on the host's file system, so it is not compared.
        string[] print = ["-type", "d", "-printf", "%P|%y|%m|%U|%G|%T@||\\0", "-o", "-printf", "%P|%y|%m|%U|%G|%T@|%l|%s\\0"];
        var find = await Tool.RunAsync("find", [directory.Path, .. print], cancellationToken: Cancellation);
        Assert.Equal(Records(find), tree.Walk().Select(Line).Order(StringComparer.Ordinal));
        string[] printLinks = ["!", "-type", "d", "-links", "+1", "-printf", "%i %P\\0"];
        var linked = await Tool.RunAsync("find", [directory.Path, .. printLinks], cancellationToken: Cancellation);
        var expected = Records(linked).GroupBy(record => record.Split(' ')[0], record => record[(record.IndexOf(' ') + 1)..]);
        var groups = tree.Walk().GroupBy(entry => entry.Node, entry => Latin(entry.Path), ReferenceEqualityComparer.Instance);
        Assert.Equal(Joined(expected), Joined(groups.Where(group => group.Count() > 1)));
    }

    [Fact]
    public async Task Device_numbers_equal_those_of_stat()
    {
        using var directory = new TemporaryDirectory();
        await Tool.BashAsync("mknod a c 4095 1048575; mknod b b 7 0; mknod c c 0 0", directory.Path);
        var tree = HostTree.Read(directory.Path, AsItIs, Cancellation);
        var stat = await Tool.BashAsync("stat -c '%n %t %T' *", directory.Path);
        Assert.Equal(stat, string.Concat(tree.Root.SortedEntries().Select(entry =>
            entry.Node is SpecialNode device ? $"{entry.Name} {device.Major:x} {device.Minor:x}\n" : "")));
    }

    [Fact]
    public async Task Extended_attributes_equal_those_of_python()
    {
        using var directory = new TemporaryDirectory();
        await Tool.BashAsync(EveryKind, directory.Path);
        var tree = HostTree.Read(directory.Path, AsItIs, Cancellation);

        // Python uses other system calls than the reader, and prints names without escapes of its own.
        const string list = """
            import os, sys
            out = sys.stdout.buffer
            for top, dirs, files in os.walk(b"."):
                for path in [top] + [os.path.join(top, name) for name in files + [d for d in dirs if os.path.islink(os.path.join(top, d))]]:
                    for name in sorted(os.listxattr(path, follow_symlinks=False)):
                        value = os.getxattr(path, name, follow_symlinks=False)
                        out.write(path[2:] + b"|" + name.encode() + b"|" + value.hex().encode() + b"\0")
            """;
        var judge = await Tool.RunAsync("python3", ["-c", list], directory: directory.Path, cancellationToken: Cancellation);
        var ours = tree.Walk().SelectMany(entry => entry.Node.ExtendedAttributes.Select(xattr =>
            $"{Latin(entry.Path)}|{Latin(xattr.Name)}|{Convert.ToHexStringLower(xattr.Value.Span)}"));
        var expected = Records(judge);
        Assert.Equal(expected, ours.Order(StringComparer.Ordinal));
        Assert.Contains(expected, record => record.Contains("security.capability", StringComparison.Ordinal));
        Assert.Contains(expected, record => record.Contains("posix_acl_default", StringComparison.Ordinal));
        Assert.Contains(expected, record => record.StartsWith("dangling|trusted.onlink", StringComparison.Ordinal));

        var without = HostTree.Read(directory.Path, AsItIs with { Xattrs = false }, Cancellation);
        Assert.All(without.Walk(), entry => Assert.Empty(entry.Node.ExtendedAttributes));
    }

    [Fact]
    public async Task Owners_can_be_replaced()
    {
        using var directory = new TemporaryDirectory();
        await Tool.BashAsync(EveryKind, directory.Path);
        var tree = HostTree.Read(directory.Path, AsItIs with { Uid = 0, Gid = 4294967294 }, Cancellation);
        Assert.All(tree.Walk(), entry => Assert.Equal((0u, 4294967294u), (entry.Node.Uid, entry.Node.Gid)));
    }

    [Fact]
    public async Task Contents_equal_those_of_sha256sum()
    {
        using var directory = new TemporaryDirectory();
        await Tool.BashAsync(EveryKind + "\nhead -c 3000001 /dev/urandom > big; chmod u+r dir/none", directory.Path);
        var tree = HostTree.Read(directory.Path, AsItIs, Cancellation);
        string[] list = ["-c", "find . -type f -print0 | xargs -0 sha256sum -z"];
        var sums = await Tool.RunAsync("bash", list, directory: directory.Path, cancellationToken: Cancellation);
        var files = tree.Walk().Where(entry => entry.Node is RegularFileNode);
        var ours = files.Select(entry => $"{Sha256((RegularFileNode)entry.Node)}  ./{Latin(entry.Path)}");
        Assert.Equal(Records(sums), ours.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Paths_much_longer_than_PATH_MAX_are_scanned_and_read()
    {
        using var directory = new TemporaryDirectory();
        await Tool.BashAsync("""
            name=$(printf 'd%.0s' {1..200})
            for level in {1..100}; do
              mkdir $name beside; echo $level > beside/f; setfattr -n user.level -v $level beside/f; ln -s f beside/l
              cd -P ./$name
            done
            """, directory.Path);

        var tree = HostTree.Read(directory.Path, AsItIs, Cancellation);

        var files = tree.Walk().Where(entry => entry.Node is RegularFileNode).ToList();
        Assert.Equal(100, files.Count);
        Assert.True(files.Max(entry => entry.Path.Length) > 19_000);
        foreach (var (path, node) in files)
        {
            var level = (path.Length - "beside/f".Length) / 201 + 1;
            Assert.Equal($"{level}\n", Encoding.ASCII.GetString(Bytes((RegularFileNode)node)));
            Assert.Equal(ByteString.FromText($"{level}"), node.ExtendedAttributes.Find("user.level"u8));
        }
    }

    [Fact]
    public async Task A_link_to_a_directory_and_a_relative_path_are_accepted()
    {
        using var directory = new TemporaryDirectory();
        await Tool.BashAsync("mkdir real; echo 1 > real/f; ln -s real link", directory.Path);
        Assert.NotNull(HostTree.Read(directory["link"], AsItIs, Cancellation).Find("f"u8));
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, directory["link"]);
        Assert.NotNull(HostTree.Read(relative, AsItIs, Cancellation).Find("f"u8));
        Assert.Equal(await Tool.OutputAsync("realpath", directory["link"]), HostTree.RealPath(directory["link"]) + "\n");
        Assert.Null(HostTree.RealPath(directory["nowhere"]));
    }

    [Fact]
    public async Task A_single_path_of_any_type_is_read()
    {
        using var directory = new TemporaryDirectory();
        await Tool.BashAsync("mkdir -p d/e; echo 1 > d/e/f; echo 22 > f; ln -s d l", directory.Path);
        Assert.Equal("22\n"u8, Bytes(Assert.IsType<RegularFileNode>(Node("f"))));
        Assert.Equal(ByteString.FromText("d"), Assert.IsType<SymbolicLinkNode>(Node("l")).Target);
        var tree = new FileTree(Assert.IsType<DirectoryNode>(Node("d")));
        Assert.Equal("1\n"u8, Bytes(Assert.IsType<RegularFileNode>(tree.Find("e/f"u8))));
        Assert.Null(Node("nothing"));

        FileNode? Node(string name) => HostTree.ReadNode(ByteString.FromText(directory[name]), AsItIs, Cancellation);
    }

    [Fact]
    public async Task A_path_that_is_not_a_directory_is_refused_with_its_name()
    {
        using var directory = new TemporaryDirectory();
        await Tool.BashAsync("echo 1 > file; ln -s round round", directory.Path);
        foreach (var name in (string[])["file", "nothing", "round"])
        {
            var exception = Assert.Throws<InputException>(() => HostTree.Read(directory[name], AsItIs, Cancellation));
            Assert.Equal(directory[name], exception.Where.File);
        }
    }

    [Fact]
    public async Task A_scan_can_be_cancelled()
    {
        using var directory = new TemporaryDirectory();
        await Tool.BashAsync("touch {1..10}", directory.Path);
        Assert.ThrowsAny<OperationCanceledException>(() => HostTree.Read(directory.Path, AsItIs, new CancellationToken(canceled: true)));
    }

    private static string[] Records(ToolResult result)
    {
        var text = Encoding.Latin1.GetString(result.Succeeded().StandardOutputBytes);
        return [.. text.Split('\0', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];
    }

    private static string Line(TreeEntry entry)
    {
        var (path, node) = entry;
        var (kind, target) = node switch
        {
            DirectoryNode => ('d', ""),
            RegularFileNode => ('f', ""),
            SymbolicLinkNode link => ('l', Latin(link.Target)),
            _ => (node.Type switch { FileType.CharacterDevice => 'c', FileType.BlockDevice => 'b', FileType.Fifo => 'p', _ => 's' }, ""),
        };
        long? size = node is DirectoryNode ? null : node is RegularFileNode file ? file.Content.Length : target.Length;
        var time = node.ModificationTime;
        // find prints a time before 1970 as a negative decimal number; a Timestamp counts nanoseconds forward.
        var (seconds, nanoseconds) = time;
        if (seconds < 0 && nanoseconds > 0) (seconds, nanoseconds) = (seconds + 1, 1_000_000_000 - nanoseconds);
        var owner = $"{Convert.ToString(node.Permissions, 8)}|{node.Uid}|{node.Gid}";
        return string.Create(CultureInfo.InvariantCulture, $"{Latin(path)}|{kind}|{owner}|{seconds}.{nanoseconds:d9}0|{target}|{size}");
    }

    private static IEnumerable<string> Joined(IEnumerable<IGrouping<object?, string>> groups) =>
        groups.Select(group => string.Join('\t', group.Order(StringComparer.Ordinal))).Order(StringComparer.Ordinal);

    private static string Latin(ByteString bytes) => Encoding.Latin1.GetString(bytes.Span);

    private static byte[] Bytes(RegularFileNode file)
    {
        var bytes = new byte[file.Content.Length];
        file.Content.Read(0, bytes);
        return bytes;
    }

    private static string Sha256(RegularFileNode file) => Convert.ToHexStringLower(SHA256.HashData(Bytes(file)));
}
