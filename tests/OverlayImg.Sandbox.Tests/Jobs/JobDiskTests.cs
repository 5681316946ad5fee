using OverlayImg.FileSystems;
using OverlayImg.Sandbox.Jobs;

namespace OverlayImg.Sandbox.Tests.Jobs;

public sealed class JobDiskTests
{
    private static readonly GuestJob Empty = new() { UpperDisk = "upper" };

    [Fact]
    public void The_files_are_those_of_the_protocol()
    {
        var job = Empty with
        {
            ParentDisks = ["a", "b"],
            Mounts = [new("m", ByteString.FromText("/mnt/x y"))],
            ShadowSetup = true,
            Environment = new Dictionary<ByteString, ReadOnlyMemory<byte>> { [ByteString.FromText("NAME")] = new byte[] { 0xff, 10 } },
            Scripts = Enum.GetValues<JobScript>().ToDictionary(script => script, _ => (ReadOnlyMemory<byte>)"true"u8.ToArray()),
        };
        var files = Files(JobDisk.Tree(job, network: true)).ToDictionary(entry => entry.Path.ToString(), entry => Content(entry.Node));
        string[] expected =
        [
            "environment/NAME", "mounts/0/target", "network", "parents",
            "scripts/extra-commands", "scripts/post-mount", "scripts/post-umount", "scripts/pre-mount", "scripts/run-as-root", "shadow-setup",
        ];
        Assert.Equal(expected, files.Keys);
        Assert.Equal("2"u8.ToArray(), files["parents"]);
        Assert.Equal("/mnt/x y"u8.ToArray(), files["mounts/0/target"]);
        Assert.Equal([0xff, 10], files["environment/NAME"]);
        Assert.Equal("true"u8.ToArray(), files["scripts/run-as-root"]);
    }

    [Fact]
    public void What_was_not_asked_for_is_not_there() =>
        Assert.Equal(["parents"], Files(JobDisk.Tree(Empty, network: false)).Select(entry => entry.Path.ToString()));

    [Theory]
    [InlineData("")]
    [InlineData("A=B")]
    [InlineData("A/B")]
    [InlineData("..")]
    public void A_variable_that_no_environment_can_hold_is_refused(string name)
    {
        var job = Empty with { Environment = new Dictionary<ByteString, ReadOnlyMemory<byte>> { [ByteString.FromText(name)] = default } };
        Assert.Throws<ArgumentException>(() => JobDisk.Tree(job, network: false));
    }

    [Fact]
    public void A_mount_at_a_relative_path_is_refused() =>
        Assert.Throws<ArgumentException>(() => JobDisk.Tree(Empty with { Mounts = [new("m", ByteString.FromText("mnt"))] }, network: false));

    private static IEnumerable<TreeEntry> Files(FileTree tree) => tree.Walk().Where(entry => entry.Node is RegularFileNode);

    private static byte[] Content(FileNode node)
    {
        var file = (RegularFileNode)node;
        var bytes = new byte[file.Content.Length];
        file.Content.Read(0, bytes);
        return bytes;
    }
}
