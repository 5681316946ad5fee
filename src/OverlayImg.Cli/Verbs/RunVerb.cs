using System.CommandLine;
using OverlayImg.Builders.LayerDirectories;
using OverlayImg.Cli.Options;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Outputs;

namespace OverlayImg.Cli.Verbs;

/// <summary><c>overlayimg run</c>: runs scripts around an overlay mount, as dockerTools' runWithOverlay does.</summary>
internal static class RunVerb
{
    public static Command Create()
    {
        var run = new OverlayRunGroup();
        var preMount = ScriptOption.Create("--pre-mount", "Bash script to run before the overlay is mounted; - reads it from stdin.");
        var postMount = ScriptOption.Create("--post-mount", "Bash script to run while the overlay is mounted on the directory mnt; " +
            "- reads it from stdin.");
        var postUmount = ScriptOption.Create("--post-umount",
            "Bash script to run after the overlay is unmounted; - reads it from stdin. The files in the directory layer become the new layer.");
        var outFile = new Option<string?>("--out")
        {
            Description = "Tar to write with the files that the scripts leave in the directory out; a path that ends with .tar.",
            HelpName = "FILE",
        };
        var command = new Verb("run",
            "Runs scripts as root in a guest VM before, while and after an overlay of the base image and the new layer is mounted. " +
            "Their current directory has the directories mnt (the overlay), layer (the new layer), work and out.")
        {
            Examples = """
              overlayimg run --from base.tar --post-mount list.sh --out listing.tar -o layer
              (list.sh: find mnt -xdev > out/files)
            """,
        };
        run.AddTo(command, preMount, postMount, postUmount, outFile);
        VerbRunner.Attach(command, Render.Layer, async (parsed, session) =>
        {
            if ((parsed.GetValue(preMount) ?? parsed.GetValue(postMount) ?? parsed.GetValue(postUmount)) is null)
                throw new UsageException("There is nothing to run: give --pre-mount, --post-mount or --post-umount.");
            if (parsed.GetValue(outFile) is { } path && Values.Understood(() => TarDestination.Parse(path)).Compression != CompressionFormat.None)
                throw new UsageException($"{outFile.Name} writes an uncompressed tar: name a file that ends with .tar.");
            var options = await run.ReadAsync(parsed, async () => new()
            {
                PreMount = await parsed.ReadAsync(preMount, session.CancellationToken),
                PostMount = await parsed.ReadAsync(postMount, session.CancellationToken),
                PostUmount = await parsed.ReadAsync(postUmount, session.CancellationToken),
            });
            return await OverlayRun.RunAsync(options with { OutFile = parsed.GetValue(outFile) }, session);
        });
        return command;
    }
}
