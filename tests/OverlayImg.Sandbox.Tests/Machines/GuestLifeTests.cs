using OverlayImg.Sandbox.Accelerators;
using OverlayImg.Sandbox.Machines;
using OverlayImg.Sandbox.Qemu;
using OverlayImg.Sandbox.Tests.Fakes;
using OverlayImg.Sandbox.Tests.Guests;
using OverlayImg.Testing;

namespace OverlayImg.Sandbox.Tests.Machines;

/// <summary>The states of a guest and the steps between them, with a fake QEMU.</summary>
public sealed class GuestLifeTests : IDisposable
{
    // Every allowed step: state, step, next state. vm-images/PROTOCOL.md draws the same steps.
    private const string Allowed = """
        Booting Boot Ready
        Loading LoadReady ReadyPaused
        Loading LoadMounted MountedPaused
        Ready Pause ReadyPaused
        Ready Mount Mounted
        Ready Run Running
        ReadyPaused Save ReadyPaused
        ReadyPaused Wake Ready
        Mounted Pause MountedPaused
        Mounted Run Running
        MountedPaused Save MountedPaused
        MountedPaused Run Running
        Running Finish Done
        """;

    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Exactly_these_steps_are_allowed_and_every_state_can_end()
    {
        var steps = from state in Enum.GetValues<GuestState>()
                    from step in Enum.GetValues<GuestStep>()
                    where step is not GuestStep.End
                    let next = GuestLife.After(state, step)
                    where next is not null
                    select $"{state} {step} {next}";
        Assert.Equal(Allowed.Split('\n').Order(), steps.Order());
        Assert.All(Enum.GetValues<GuestState>(), state => Assert.Equal(GuestState.Done, GuestLife.After(state, GuestStep.End)));
    }

    [Fact]
    public async Task A_step_that_the_state_does_not_allow_is_refused_and_changes_nothing()
    {
        await using var life = await BootAsync("works");
        Assert.Equal(GuestState.Ready, life.State);
        await Assert.ThrowsAsync<InvalidOperationException>(() => life.WakeAsync(Token));
        await Assert.ThrowsAsync<InvalidOperationException>(() => life.FinishAsync(_ => Task.CompletedTask, Token));
        Assert.Equal(GuestState.Ready, life.State);

        await life.PauseAsync(Token);
        Assert.Equal(GuestState.ReadyPaused, life.State);
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync(life));
        Assert.Equal("The guest is ReadyPaused: it can't take the step Run.", refused.Message);
        await Assert.ThrowsAsync<InvalidOperationException>(() => life.PauseAsync(Token));

        await life.WakeAsync(Token);
        await RunAsync(life);
        Assert.Equal(GuestState.Running, life.State);
        await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync(life));
        await life.FinishAsync(_ => Task.CompletedTask, Token);
        Assert.Equal(GuestState.Done, life.State);
        await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync(life));
    }

    [Fact]
    public async Task A_step_that_fails_leads_to_Done()
    {
        await using var life = await BootAsync("powers-off");
        await RunAsync(life);
        await Assert.ThrowsAnyAsync<MachineException>(() => life.FinishAsync(_ => Task.CompletedTask, Token));
        Assert.Equal(GuestState.Done, life.State);
    }

    private async Task<GuestLife> BootAsync(string behaviour)
    {
        var options = TestGuest.Options(_directory["scratch"]);
        var program = QemuProgram.Find(await FakeQemu.InstallAsync(_directory.Path, behaviour));
        var commandLine = new QemuCommandLine(
            options.Image.KernelPath, options.Image.InitramfsPath, Accelerator.Tcg, options.MemoryMiB, options.Cpus, options.Network,
            SystemCallFilter: true);
        return await GuestLife.BootAsync(new(program, commandLine, options), memory: null, Token);
    }

    private Task RunAsync(GuestLife life) => life.RunAsync(new GuestDisks(TestGuest.Job(_directory.Path, "true")), "JOB 0\n"u8.ToArray(), Token);
}
