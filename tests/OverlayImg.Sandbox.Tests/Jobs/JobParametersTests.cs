using System.Text;
using OverlayImg.FileSystems;
using OverlayImg.Sandbox.Jobs;
using OverlayImg.Sandbox.Tests.Guests;

namespace OverlayImg.Sandbox.Tests.Jobs;

public sealed class JobParametersTests
{
    private static readonly GuestJob Empty = new() { UpperDisk = "upper" };

    [Fact]
    public void A_job_is_encoded_as_the_protocol_says()
    {
        var job = Empty with
        {
            ParentDisks = ["a", "b"],
            Mounts = [new("m", ByteString.FromText("/mnt/x y"))],
            Caches = [new("c", ByteString.FromText("/c"))],
            ShadowSetup = true,
            Environment = new Dictionary<ByteString, ReadOnlyMemory<byte>> { [ByteString.FromText("NAME")] = new byte[] { 0xff, 10 } },
            Steps = [new("a", "true\0"u8.ToArray())],
            Scripts = TestGuest.EveryHook("true\0"),
        };
        var expected = "network|0||shadow-setup|0||mounts/0|8|/mnt/x y|caches/0|2|/c|environment/NAME|2|\xff\n|"
            + "scripts/pre-mount|5|true||scripts/post-mount|5|true||scripts/extra-commands|5|true||"
            + "scripts/fake-root-commands|5|true||scripts/post-umount|5|true||scripts/run-as-root|5|true||";
        Assert.Equal($"JOB {expected.Length}\n{expected}", Encoding.Latin1.GetString(JobParameters.Command(job, network: true)).Replace('\0', '|'));
    }

    [Fact]
    public void Steps_secrets_files_and_variables_of_the_image_are_encoded_as_the_protocol_says()
    {
        var job = Empty with
        {
            Mounts = [new("m", ByteString.FromText("/d")), new("n", ByteString.FromText("/f")) { FileName = "content" }],
            ImageEnvironment = new Dictionary<ByteString, ReadOnlyMemory<byte>> { [ByteString.FromText("PATH")] = "/bin"u8.ToArray() },
            Secrets = [new("key", "k\0"u8.ToArray())],
            Steps =
            [
                new("a", "one"u8.ToArray()) { IsCommands = true }, new("b", "two"u8.ToArray()), new("c", "three"u8.ToArray()) { IsCommands = true },
            ],
        };
        var expected = "mounts/0|2|/d|mounts/1|2|/f|mount-files/1|7|content|image-environment/PATH|4|/bin|secrets/key|2|k||"
            + "commands/run-as-root|3|one|scripts/run-as-root-2|3|two|commands/run-as-root-3|5|three|";
        Assert.Equal($"JOB {expected.Length}\n{expected}", Encoding.Latin1.GetString(JobParameters.Command(job, network: false)).Replace('\0', '|'));
    }

    [Fact]
    public void A_shell_is_encoded_as_the_protocol_says_and_excludes_steps()
    {
        JobShell shell = new(new FakeTerminal());
        Assert.Equal("JOB 15\nshell|6|30 100|", Encoded(Empty with { Shell = shell }));
        Assert.Equal(
            "JOB 34\nshell|6|30 100|record-commands|0||", Encoded(Empty with { Shell = shell with { OnCommands = _ => { } } }));
        Assert.Throws<ArgumentException>(() => Encoded(Empty with { Shell = shell, Steps = [new("a", "true"u8.ToArray())] }));

        static string Encoded(GuestJob job) => Encoding.Latin1.GetString(JobParameters.Command(job, network: false)).Replace('\0', '|');
    }

    [Theory]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("a\0")]
    [InlineData("a b")]
    public void An_invalid_name_of_a_secret_is_refused(string name) =>
        Assert.Throws<ArgumentException>(() => JobParameters.Command(Empty with { Secrets = [new(name, default)] }, network: false));

    [Theory]
    [InlineData(0)]
    [InlineData(128 << 10)]
    public void Commands_that_no_shell_can_get_are_refused(int length)
    {
        var commands = new JobStep("commands", Enumerable.Repeat((byte)'a', length).ToArray()) { IsCommands = true };
        Assert.Throws<ArgumentException>(() => JobParameters.Command(Empty with { Steps = [commands] }, network: false));
    }

    [Fact]
    public void An_empty_job_has_no_parameters() => Assert.Equal("JOB 0\n"u8, JobParameters.Command(Empty, network: false));

    [Theory]
    [InlineData("")]
    [InlineData("A=B")]
    [InlineData("A/B")]
    [InlineData("..")]
    public void An_invalid_name_of_a_variable_is_refused(string name)
    {
        var job = Empty with { Environment = new Dictionary<ByteString, ReadOnlyMemory<byte>> { [ByteString.FromText(name)] = default } };
        Assert.Throws<ArgumentException>(() => JobParameters.Command(job, network: false));
    }

    [Fact]
    public void A_mount_at_a_relative_path_is_refused() =>
        Assert.Throws<ArgumentException>(() => JobParameters.Command(Empty with { Mounts = [new("m", ByteString.FromText("mnt"))] }, network: false));
}
