using System.CommandLine;
using OverlayImg.Builders;
using OverlayImg.Builders.LayerDirectories;
using OverlayImg.Cli.Options;
using OverlayImg.Images.Settings;

namespace OverlayImg.Cli.Verbs;

/// <summary><c>overlayimg root-layer</c>: makes a layer of a script's changes, as dockerTools' mkRootLayer does.</summary>
internal static class RootLayerVerb
{
    public static Command Create()
    {
        var run = new OverlayRunGroup();
        var runAsRoot = ScriptOption.Create("--run-as-root",
            "Script to run as root in the image's file system, in a guest VM; - reads it from stdin. " +
            "The program of its #! line runs it if the image has that program; otherwise bash -e runs it.")
            .Sets(ImageSetting.RootScript).Within(OptionSection.Main);
        var extraCommands = ScriptOption.Create("--extra-commands",
            "Bash script to run in the guest VM after --run-as-root, in a directory that has only the files of the new layer; " +
            "- reads it from stdin.").Within(OptionSection.Scripts);
        var shadowSetup = new Option<bool>("--shadow-setup")
        {
            Description = "Before the scripts run, create /etc/passwd and the files that belong to it if the image has none, so that useradd works."
        }.Sets(BuilderSetting.ShadowSetup).Within(OptionSection.Scripts);
        var command = new Verb("root-layer",
            "Runs a script as root in a guest VM, on the file system of the base image. Its changes become the new layer.")
        {
            Summary = "Runs a script in an image, and makes a layer of its changes.",
            Examples = """
              overlayimg root-layer --from base.tar --run-as-root setup.sh -o layer
              echo 'useradd web' | overlayimg root-layer --from base.tar --shadow-setup --run-as-root - -o layer
              overlayimg root-layer --contents ./rootfs --run-as-root setup.sh --env MODE=ci --timeout 10m --json -o layer
            """,
        };
        run.AddTo(command, runAsRoot, extraCommands, shadowSetup);
        VerbRunner.Attach(command, Render.Layer, async (parsed, session) =>
        {
            if (parsed.GetValue(runAsRoot) is null && parsed.GetValue(extraCommands) is null && !parsed.GetValue(shadowSetup))
                throw new UsageException("There is nothing to run: give --run-as-root FILE (or - for stdin).");
            var options = await run.ReadAsync(parsed, async () => new()
            {
                RunAsRoot = await parsed.ReadAsync(runAsRoot, session.CancellationToken),
                ExtraCommands = await parsed.ReadAsync(extraCommands, session.CancellationToken),
                ShadowSetup = parsed.GetValue(shadowSetup),
            });
            return await OverlayRun.RunAsync(options, session);
        });
        return command;
    }
}
