using System.CommandLine;
using OverlayImg.Builders;
using OverlayImg.Builders.LayerDirectories;
using OverlayImg.Cli.Options;
using OverlayImg.Cli.Terminals;

namespace OverlayImg.Cli.Verbs;

/// <summary><c>overlayimg root-layer</c>: makes a layer of a script's changes, as dockerTools' mkRootLayer does.</summary>
internal static class RootLayerVerb
{
    public static Command Create()
    {
        var steps = new StepOptions();
        var run = new OverlayRunGroup(steps);
        var extraCommands = ScriptOption.Create("--extra-commands",
            "Bash script to run in the guest VM after --run-as-root and --run, in a directory that has only the files of the new layer; " +
            "- reads it from stdin.").Within(OptionSection.Scripts);
        var shadowSetup = new Option<bool>("--shadow-setup")
        {
            Description = "Before the scripts run, create /etc/passwd and the files that belong to it if the image has none, so that useradd works."
        }.Sets(BuilderSetting.ShadowSetup).Within(OptionSection.Scripts);
        var shell = new ShellOptions(steps, extraCommands, shadowSetup);
        var command = new Verb("root-layer",
            "Runs scripts or commands as root in a guest VM, on the file system of the base image. Their changes become the new layer. " +
            "On a terminal, without a script, it opens a root shell: 'exit' packs what the shell changed.")
        {
            Summary = "Runs a script in an image, and makes a layer of its changes.",
            Examples = """
              overlayimg root-layer --from base.tar --run-as-root setup.sh -o layer
              overlayimg root-layer --from base.tar --network --keep-script setup.sh -o layer
              overlayimg root-layer --from base.tar --network --run 'apt-get update' --run 'apt-get install -y curl' -o layer
              echo 'useradd web' | overlayimg root-layer --from base.tar --shadow-setup --run-as-root - -o layer
              overlayimg root-layer --contents ./rootfs --run-as-root setup.sh --env MODE=ci --timeout 10m --json -o layer
            """,
        };
        run.AddTo(command, extraCommands, shadowSetup);
        command.Add(shell.Option.Within(OptionSection.Scripts));
        VerbRunner.Attach(command, Render.Layer, async (parsed, session) =>
        {
            var terminal = UserTerminal.Find(Invocation.Current.Reporter);
            var opensShell = shell.IsWanted(parsed, terminal is not null, run.ReadsStandardInput(parsed).Contains(true));
            var options = await run.ReadAsync(parsed, async () => new()
            {
                Steps = await steps.ReadAsync(parsed, session.CancellationToken),
                Shell = opensShell ? new(terminal!) : null,
                ExtraCommands = await parsed.ReadAsync(extraCommands, session.CancellationToken),
                ShadowSetup = parsed.GetValue(shadowSetup),
            }, session.CancellationToken);
            return await OverlayRun.RunAsync(options with { KeepScript = shell.KeepScript(parsed) }, session);
        });
        return command;
    }
}
