using System.CommandLine;
using OverlayImg.Builders;
using OverlayImg.Cli.Options;

namespace OverlayImg.Cli.Verbs;

/// <summary><c>overlayimg run</c>: dockerTools' runWithOverlay.</summary>
internal static class RunVerb
{
    public static Command Create()
    {
        var (from, contents, guest, output) = (new BaseImageGroup(), new ContentsGroup(), new GuestGroup(), new LayerOutputGroup());
        var preMount = ScriptOption.Create("--pre-mount", "A bash script to run before the overlay is mounted.");
        var postMount = ScriptOption.Create("--post-mount", "A bash script to run while the overlay is mounted on mnt.");
        var postUmount = ScriptOption.Create("--post-umount", "A bash script to run after the overlay is unmounted; what it leaves in layer becomes the new layer.");
        var outFile = new Option<string?>("--out") { Description = "Write what the hooks left in out to this tar.", HelpName = "FILE" };
        var command = new Command("run", "Runs hooks as root in a guest around the mounted overlay. Their current directory has mnt (the overlay), layer (the new layer), work and out.");
        output.AddTo(command);
        from.AddTo(command);
        foreach (var option in new Option[] { preMount, postMount, postUmount, outFile }) command.Add(option);
        contents.AddTo(command);
        guest.AddTo(command);
        VerbRunner.Attach(command, Render.Layer, async (parsed, reporter, cancellationToken) =>
        {
            if ((parsed.GetValue(preMount) ?? parsed.GetValue(postMount) ?? parsed.GetValue(postUmount)) is null)
                throw new UsageException("There is nothing to run: give --pre-mount, --post-mount or --post-umount.");
            // What is wrong with the command line is told before any file is read.
            var settings = guest.Read(parsed);
            var fileTime = SourceDateEpoch.Read();
            return await OverlayRun.RunAsync(new()
            {
                OutputDirectory = output.OutputDirectory(parsed),
                From = from.Read(parsed),
                Contents = contents.Read(parsed),
                Scripts = new()
                {
                    PreMount = await parsed.ReadAsync(preMount, cancellationToken),
                    PostMount = await parsed.ReadAsync(postMount, cancellationToken),
                    PostUmount = await parsed.ReadAsync(postUmount, cancellationToken),
                },
                Guest = settings,
                OutFile = parsed.GetValue(outFile),
                BaseJson = output.BaseJson(parsed),
                KeepExtendedAttributes = output.ExtendedAttributes(parsed),
                FileTime = fileTime,
                CacheDirectory = CommonOptions.CacheDirectoryOf(parsed),
            }, reporter, cancellationToken);
        });
        return command;
    }
}
