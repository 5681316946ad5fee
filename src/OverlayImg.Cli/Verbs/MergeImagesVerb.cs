using System.CommandLine;
using System.Text.Json;
using OverlayImg.Builders.ImageMerges;
using OverlayImg.Cli.Options;
using OverlayImg.Cli.Reporting;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Outputs;

namespace OverlayImg.Cli.Verbs;

/// <summary><c>overlayimg merge-images</c>: writes several images to one archive, as dockerTools' mergeImages does.</summary>
internal static class MergeImagesVerb
{
    public static Command Create()
    {
        var images = new Argument<string[]>("IMAGE")
        {
            Description = "Archives and layouts, each with all images in it, or single images as docker-archive:PATH:NAME:TAG, " +
                "oci-archive:PATH:TAG, oci:DIRECTORY:TAG or docker://NAME:TAG. - reads an archive from stdin.",
            Arity = ArgumentArity.OneOrMore,
        }.CompletesImages();
        var output = new ImageOutputGroup(withDockerTools: false);
        var command = new Verb("merge-images",
            "Writes the images of several archives and layouts to one archive or layout. Image IDs, names and layers stay unchanged. " +
            "Layers that images share are stored once.")
        {
            Summary = "Writes several images to one archive or layout.",
            Examples = """
              overlayimg merge-images web.tar database.tar.gz -o stack.tar
              overlayimg merge-images docker-archive:all.tar:web:1.2 cache.tar -o stack.tar.zst
            """,
        };
        command.Add(images);
        var platform = new PlatformOption();
        platform.AddTo(command);
        var registry = new RegistryGroup();
        registry.AddTo(command);
        output.AddTo(command);
        VerbRunner.Attach(command, new Rendering<ImageMergeResult>(WriteJson, ShowAsync), (parsed, session) =>
        {
            var access = registry.Read(parsed, [.. parsed.GetValue(images)!, output.Registry(parsed) ?? ""]);
            ImageChoice[] choices =
                [.. parsed.GetValue(images)!.Select(image => ImageChoice.Parse(image, null, null, platform.Read(parsed), access))];
            if (choices.Count(choice => choice.IsStandardInput) > 1)
                throw new UsageException("Only one archive can come from stdin, and - is given more than once: name files instead.");
            var options = new ImageMergeOptions
            {
                Images = choices,
                Output = output.Read(parsed, access),
            };
            return ImageMerge.RunAsync(options, session);
        });
        return command;
    }

    private static void WriteJson(Utf8JsonWriter writer, ImageMergeResult result, IReadOnlyList<string> warnings)
    {
        writer.WriteString("output", result.File.Path);
        writer.WriteNumber("size", result.File.Length);
        if (result.Digest is { } digest) writer.WriteString("digest", digest.ToString());
        writer.WriteNumber("layers", result.Layers);
        writer.WriteStartArray("images");
        foreach (var image in result.Images)
        {
            writer.WriteStartObject();
            writer.WriteTexts("names", image.References.Select(reference => reference.ToString()));
            writer.WriteString("imageId", image.Id.ToString());
            writer.WriteNumber("layers", image.Layers);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteTexts("warnings", warnings);
    }

    private static Task ShowAsync(ImageMergeResult result, Reporter reporter)
    {
        foreach (var image in result.Images)
        {
            var names = image.References.Count == 0 ? "(no name)" : string.Join(", ", image.References);
            reporter.Line($"{image.Id}  {names}");
        }

        reporter.Line($"{result.File.Path}: {Counted.Of(result.Images.Count, "image")}, " +
            $"{Counted.Of(result.Layers, "layer")}, {SizeText.Format(result.File.Length)}");
        if (result.Digest is { } digest) reporter.Line($"digest: {digest}");
        // A layout with several images has no name for all of them.
        reporter.Closing(null, result.Output is LayoutOutput && result.Images.Count > 1 ? null : NextCommand.ForImage(result.Output, null));
        return Task.CompletedTask;
    }
}
