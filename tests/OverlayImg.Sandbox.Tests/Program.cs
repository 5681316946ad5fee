using OverlayImg.Sandbox.Tests.Fakes;
using Xunit.Runner.InProc.SystemConsole;

// Some tests need a program beside them: a QEMU that misbehaves, a tool that is killed. It is this one, called by another first argument.
return args switch
{
    [FakeQemu.Command, var behaviour, .. var rest] => await FakeQemu.RunAsync(behaviour, rest),
    [OwnerProcess.Command, var scratch, var snapshots] => await OwnerProcess.RunAsync(scratch, snapshots),
    [StartMeasurement.Command, ..] => await StartMeasurement.RunAsync(args[1..]),
    _ => await ConsoleRunner.Run(args),
};
