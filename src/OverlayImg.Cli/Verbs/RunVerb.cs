using System.CommandLine;
using OverlayImg.Builders.LayerDirectories;
using OverlayImg.Cli.Completion;
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
        var preMount = ScriptOption.Create("--pre-mount", "Bash script to run before mnt is mounted; - reads it from stdin.");
        var postMount = ScriptOption.Create("--post-mount", "Bash script to run while mnt is mounted; - reads it from stdin. Its changes " +
            "below mnt go to the new layer.");
        var postUmount = ScriptOption.Create("--post-umount",
            "Bash script to run after mnt is unmounted; - reads it from stdin. It can change the files of the directory layer, which " +
            "become the new layer.");
        var outFile = new Option<string?>("--out")
        {
            Description = "Tar to write with the files that the scripts leave in the directory out; a path that ends with .tar.",
            HelpName = "FILE",
        }.CompletesFiles();
        var command = new Verb("run",
            "Runs scripts as root in a guest VM that see the image's file system in the directory mnt of their current directory, and not as /. " +
            "The directory layer has the files of the new layer, and files in the directory out go to --out. " +
            "Use root-layer to run a script inside the image.")
        {
            Summary = "Runs scripts beside a mounted image, and makes a layer.",
            Examples = """
              overlayimg run --from base.tar --post-mount list.sh --out listing.tar -o layer
              (list.sh: find mnt -xdev > out/files)
            """,
        };
        foreach (var option in new[] { preMount, postMount, postUmount, outFile }) option.Within(OptionSection.Main);
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
            }, session.CancellationToken);
            return await OverlayRun.RunAsync(options with { OutFile = parsed.GetValue(outFile) }, session);
        });
        return command;
    }
}
