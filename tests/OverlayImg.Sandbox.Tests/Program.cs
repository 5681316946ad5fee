using OverlayImg.Sandbox.Tests.Fakes;
using Xunit.Runner.InProc.SystemConsole;

// Some tests start this executable as another program, by its first argument: a QEMU that misbehaves, or a process to be killed.
return args switch
{
    [FakeQemu.Command, var behaviour, .. var rest] => await FakeQemu.RunAsync(behaviour, rest),
    [OwnerProcess.Command, var scratch, var snapshots] => await OwnerProcess.RunAsync(scratch, snapshots),
    [StartMeasurement.Command, ..] => await StartMeasurement.RunAsync(args[1..]),
    _ => await ConsoleRunner.Run(args),
};
