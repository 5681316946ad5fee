using System.CommandLine;
using OverlayImg.Builders.LayerDirectories;
using OverlayImg.Cli.Options;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Outputs;

namespace OverlayImg.Cli.Verbs;

/// <summary><c>overlayimg run</c>: dockerTools' runWithOverlay.</summary>
internal static class RunVerb
{
    public static Command Create()
    {
        var run = new OverlayRunGroup();
        var preMount = ScriptOption.Create("--pre-mount", "A bash script to run before the overlay is mounted.");
        var postMount = ScriptOption.Create("--post-mount", "A bash script to run while the overlay is mounted on mnt.");
        var postUmount = ScriptOption.Create("--post-umount",
            "A bash script to run after the overlay is unmounted; what it leaves in layer becomes the new layer.");
        var outFile = new Option<string?>("--out") { Description = "Write what the hooks left in out to this tar.", HelpName = "FILE" };
        var command = new Verb("run",
            "Runs hooks as root in a guest around the mounted overlay. " +
            "Their current directory has mnt (the overlay), layer (the new layer), work and out.")
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
                throw new UsageException($"{outFile.Name} writes a tar without compression: name a file that ends with .tar.");
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
