using System.Text;
using OverlayImg.Sandbox.Jobs;
using OverlayImg.Sandbox.Ports;

namespace OverlayImg.Sandbox.Tests.Ports;

public sealed class ControlMessageTests
{
    [Fact]
    public void Every_line_of_the_protocol_is_parsed()
    {
        Assert.Equal(new ControlMessage.Ready(1), Parse("READY 1"));
        Assert.Equal(new ControlMessage.Succeeded(), Parse("RESULT ok"));
        Assert.Equal(new ControlMessage.Failed(JobPhase.Script, 3, false, false), Parse("RESULT failed script 3"));
        Assert.Equal(new ControlMessage.Failed(JobPhase.PostUmount, 255, true, true), Parse("RESULT failed post-umount 255 oom no-space"));
        Assert.Equal(new ControlMessage.Failed(JobPhase.PreMount, 137, true, false), Parse("RESULT failed pre-mount 137 oom"));
        Assert.Equal(new ControlMessage.Failed(JobPhase.ExtraCommands, 1, false, true), Parse("RESULT failed extra-commands 1 no-space"));
        Assert.Equal(new ControlMessage.Warning("a word to the user"), Parse("WARNING a word to the user"));
        Assert.Equal(new ControlMessage.CacheEnded(3, CacheState.Unusable), Parse("CACHE 3 unusable"));
        Assert.Equal([0xc3, 0xa9], Assert.IsType<ControlMessage.CommandsPart>(Parse("COMMANDS c3a9")).Bytes);
        Assert.Equal(new ControlMessage.ShellEnded(new(0)), Parse("SHELL 0"));
        Assert.Equal(new ControlMessage.ShellEnded(new(137, OutOfMemory: true)), Parse("SHELL 137 oom"));
        Assert.Equal(new ControlMessage.ShellEnded(new(1, NoSpace: true)), Parse("SHELL 1 no-space"));
        Assert.Equal(new ControlMessage.GuestError("the disk 'x' is missing"), Parse("RESULT error the disk 'x' is missing"));
    }

    [Fact]
    public void Every_phase_has_the_protocols_name()
    {
        string[] names = ["disks", "mount", "pre-mount", "script", "post-mount", "unmount", "extra-commands", "fake-root-commands", "post-umount"];
        Assert.Equal(names.Order(), Enum.GetValues<JobPhase>().Select(phase => phase.Name()).Order());
        Assert.All(names, name => Assert.Equal(name, Assert.IsType<ControlMessage.PhaseBegan>(Parse($"PHASE {name}")).Phase.Name()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("READY")]
    [InlineData("READY one")]
    [InlineData("READY -1")]
    [InlineData("READY 99999999999")]
    [InlineData("READY 1 ")]
    [InlineData("PHASE lunch")]
    [InlineData("CACHE 0")]
    [InlineData("CACHE -1 clean")]
    [InlineData("CACHE 0 dirty")]
    [InlineData("RESULT")]
    [InlineData("RESULT ok ok")]
    [InlineData("RESULT failed")]
    [InlineData("RESULT failed script 0")]
    [InlineData("RESULT failed script 256")]
    [InlineData("RESULT failed script 1 no-space oom")]
    [InlineData("RESULT failed script 1 oom oom")]
    [InlineData("result ok")]
    [InlineData("SHELL")]
    [InlineData("SHELL -1")]
    [InlineData("SHELL 0 oom")]
    [InlineData("SHELL 256")]
    [InlineData("SHELL 1 on fire")]
    [InlineData("COMMANDS c3a")]
    [InlineData("COMMANDS é")]
    public void Everything_else_is_refused(string line) => Assert.Null(Parse(line));

    [Fact]
    public void Control_characters_from_the_guest_are_escaped() =>
        Assert.Equal(@"\033[2J", Assert.IsType<ControlMessage.GuestError>(Parse("RESULT error \e[2J")).Sentence);

    private static ControlMessage? Parse(string line) => ControlMessage.Parse(Encoding.UTF8.GetBytes(line));
}
