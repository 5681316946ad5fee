using System.CommandLine;
using OverlayImg.Builders;
using OverlayImg.Cli.Options;
using OverlayImg.Cli.Reporting;

namespace OverlayImg.Cli.Verbs;

/// <summary><c>overlayimg export</c>: writes the file system of an image, as dockerTools' exportImage does.</summary>
internal static class ExportVerb
{
    public static Command Create()
    {
        var image = new BaseImageGroup();
        var output = new ExportOutputGroup();
        var command = new Verb("export", "Writes the file system that a container of the image would see, as one tar or one ext4 disk.")
        {
            Summary = "Writes the file system of an image as a tar or a disk.",
            Examples = """
              overlayimg export base.tar -o rootfs.tar.zst
              overlayimg export base.tar -o - | tar -tv
              overlayimg export --from base.tar --from-name debian -o rootfs.ext4 --disk-size 4G
              SOURCE_DATE_EPOCH=1 overlayimg export base.tar --format gnu-hard-dereference -o rootfs.tar
            """,
        };
        image.AddRequiredTo(command);
        output.AddTo(command);
        VerbRunner.Attach(command, new Rendering<ExportResult>(
            (writer, result, warnings) =>
            {
                writer.WriteString("output", result.Output.Path);
                writer.WriteNumber("size", result.Output.Length);
                writer.WriteString("image", result.Image);
                writer.WriteString("imageId", result.ImageId);
                writer.WriteNumber("layers", result.Layers);
                writer.WriteTexts("warnings", warnings);
            },
            ShowAsync),
            (parsed, session) => Exporter.RunAsync(output.Read(parsed, image.ReadRequired(parsed)), session), onlyReads: true);
        return command;
    }

    private static Task ShowAsync(ExportResult result, Reporter reporter)
    {
        var file = result.Output.Path == "-" ? "stdout" : result.Output.Path;
        reporter.Line($"{file}: the file system of {result.Image}, {SizeText.Format(result.Output.Length)}");
        reporter.Closing(null, result.Output.Path == "-" ? null : NextCommand.ForFileSystem(result.Output.Path, result.IsDisk));
        return Task.CompletedTask;
    }
}
