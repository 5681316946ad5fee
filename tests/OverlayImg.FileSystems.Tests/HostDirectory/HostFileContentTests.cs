using System.Runtime.InteropServices;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.Testing;

namespace OverlayImg.FileSystems.Tests.HostDirectory;

public sealed class HostFileContentTests
{
    [Theory]
    [InlineData("echo more >> f")]
    [InlineData("printf 43210 > f")]
    [InlineData("printf 43210 > g; touch -r f g; mv g f")]
    [InlineData("rm f")]
    [InlineData("mv f g; ln -s g f")]
    [InlineData("rm f; mkfifo f")]
    [InlineData("rm f; mkdir f")]
    [InlineData("cd ..; rm -r d; echo > d")]
    public async Task A_file_that_changed_since_the_scan_is_refused_with_its_path(string change)
    {
        using var directory = new TemporaryDirectory();
        await Tool.BashAsync("mkdir d; printf 01234 > d/f; touch -d '2 minutes ago' d/f", directory.Path);
        var content = Content(HostTree.Read(directory.Path, new(), TestContext.Current.CancellationToken), "d/f"u8);
        await Tool.BashAsync(change, directory["d"]);

        var exception = Assert.Throws<InputException>(() => content.Read(0, new byte[5]));

        Assert.Equal("d/f", exception.Where.Path);
        Assert.Contains("changed", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_grows_between_two_reads_is_refused_at_its_end()
    {
        using var directory = new TemporaryDirectory();
        await Tool.BashAsync("head -c 100000 /dev/zero > f; touch -d '2 minutes ago' f", directory.Path);
        var content = Content(HostTree.Read(directory.Path, new(), TestContext.Current.CancellationToken), "f"u8);
        content.Read(0, new byte[50000]);
        await Tool.BashAsync("echo >> f", directory.Path);
        Assert.Throws<InputException>(() => content.Read(50000, new byte[50000]));
    }

    [Fact]
    public async Task A_new_link_or_mode_does_not_make_content_refused()
    {
        using var directory = new TemporaryDirectory();
        await Tool.BashAsync("printf 01234 > f", directory.Path);
        var content = Content(HostTree.Read(directory.Path, new(), TestContext.Current.CancellationToken), "f"u8);
        await Tool.BashAsync("ln f g; chmod 600 f; setfattr -n user.x -v y f", directory.Path);
        var bytes = new byte[5];
        content.Read(0, bytes);
        Assert.Equal("01234"u8, bytes);
    }

    [Fact]
    public async Task Holes_are_those_of_the_file_system()
    {
        using var directory = new TemporaryDirectory();
        await Tool.BashAsync("""
            truncate -s 3G sparse; printf data | dd of=sparse bs=1 seek=1073741824 conv=notrunc status=none
            head -c 65536 /dev/urandom | dd of=sparse bs=64K seek=40000 conv=notrunc status=none
            truncate -s 1M allhole; head -c 100000 /dev/urandom > dense; sync sparse dense
            """, directory.Path);
        var tree = HostTree.Read(directory.Path, new(), TestContext.Current.CancellationToken);

        var judge = await Tool.OutputAsync("python3", "-c", """
            import os, sys
            for name in ["allhole", "dense", "sparse"]:
                fd = os.open(os.path.join(sys.argv[1], name), os.O_RDONLY); size = os.fstat(fd).st_size; end = 0
                while end < size:
                    try: start = os.lseek(fd, end, os.SEEK_DATA)
                    except OSError: break
                    end = os.lseek(fd, start, os.SEEK_HOLE)
                    print(name, start, end - start)
            """, directory.Path);
        var ours = ((string[])["allhole", "dense", "sparse"]).SelectMany(name =>
            Content(tree, ByteString.FromText(name).Span).DataExtents.Select(extent => $"{name} {extent.Offset} {extent.Length}\n"));
        Assert.Equal(judge, string.Concat(ours));
        Assert.Equal(2, judge.Split("sparse").Length - 1);

        var bytes = new byte[8];
        Content(tree, "sparse"u8).Read(1073741822, bytes);
        Assert.Equal("\0\0data\0\0"u8, bytes);
    }

    [Fact]
    public async Task Many_threads_read_the_same_files_and_leave_at_most_one_file_open()
    {
        using var directory = new TemporaryDirectory();
        await Tool.BashAsync("for n in {0..7}; do head -c 2000000 /dev/urandom > $n; done", directory.Path);
        var tree = HostTree.Read(directory.Path, new(), TestContext.Current.CancellationToken);
        var expected = Enumerable.Range(0, 8).Select(n => File.ReadAllBytes(directory[$"{n}"])).ToArray();

        Parallel.For(0, 64, new() { MaxDegreeOfParallelism = 8 }, job =>
        {
            var content = Content(tree, [(byte)('0' + job % 8)]);
            var bytes = new byte[content.Length];
            for (var offset = 0; offset < bytes.Length; offset += 65536)
            {
                content.Read(offset, bytes.AsSpan(offset, Math.Min(65536, bytes.Length - offset)));
            }

            Assert.Equal(expected[job % 8], bytes);
        });

        var targets = Directory.GetFiles("/proc/self/fd").Select(path => new FileInfo(path).LinkTarget ?? "");
        var open = targets.Count(target => target.StartsWith(directory.Path, StringComparison.Ordinal));
        Assert.InRange(open, 0, 1);
    }

    [Fact]
    public async Task An_unreadable_file_or_directory_is_refused_with_its_path()
    {
        using var directory = new TemporaryDirectory();
        await Tool.BashAsync("chmod 755 .; mkdir -p open/shut; echo secret > open/file; chmod 0 open/file open/shut", directory.Path);
        Exception?[] failures = [];
        // The file system user ID belongs to a thread. This thread becomes nobody and ends.
        var thread = new Thread(() =>
        {
            _ = SetFileSystemUser(65534);
            failures =
            [
                Record.Exception(() => HostTree.Read(directory.Path, new() { Xattrs = false }, CancellationToken.None)),
                Record.Exception(() => Content(new(new DirectoryNode(Metadata.DefaultDirectory)), directory, "open/file").Read(0, new byte[1])),
            ];
        });
        thread.Start();
        thread.Join();

        Assert.Contains("open/shut", Assert.IsType<MachineException>(failures[0]).Message, StringComparison.Ordinal);
        Assert.Contains("file", Assert.IsType<MachineException>(failures[1]).Message, StringComparison.Ordinal);
        Assert.All(failures, failure => Assert.NotNull(((MachineException)failure!).Advice));
    }

    private static FileContent Content(FileTree tree, ReadOnlySpan<byte> path) => Assert.IsType<RegularFileNode>(tree.Find(path)).Content;

    private static FileContent Content(FileTree tree, TemporaryDirectory directory, string name)
    {
        var node = HostTree.ReadNode(ByteString.FromText(directory[name]), new() { Xattrs = false }, CancellationToken.None);
        tree.Root.Set(ByteString.FromText("f"), node!);
        return Content(tree, "f"u8);
    }

    [DllImport("libc", EntryPoint = "setfsuid")]
    private static extern int SetFileSystemUser(uint user);
}
