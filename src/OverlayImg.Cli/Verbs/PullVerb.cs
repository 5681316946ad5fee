using System.CommandLine;
using System.Text.Json;
using OverlayImg.Builders;
using OverlayImg.Cli.Options;
using OverlayImg.Cli.Reporting;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Outputs;
using OverlayImg.Images.References;

namespace OverlayImg.Cli.Verbs;

/// <summary>
/// <c>overlayimg pull</c>: writes an image of a registry to a file, as dockerTools' pullImage does, and prints what nix-prefetch-docker prints.
/// </summary>
internal static class PullVerb
{
    private static readonly Option<string?> FinalName = new("--final-image-name")
    {
        Description = "Name of the image in the written archive. [default: the name that is pulled]",
        HelpName = "NAME",
    };

    private static readonly Option<string?> FinalTag = new("--final-image-tag")
    {
        Description = "Tag of the image in the written archive. [default: the tag that is pulled, else latest]",
        HelpName = "TAG",
    };

    private static readonly Option<string?> Hash = new("--sha256", "--hash")
    {
        Description = "SHA-256 that the archive must have, in hexadecimal digits or as sha256-BASE64. An archive with another hash is not written.",
        HelpName = "HASH",
    };

    public static Command Create()
    {
        var image = new Argument<string>("IMAGE")
        {
            Description = "The image in a registry: [docker://][HOST/]NAME@sha256:DIGEST, or [docker://][HOST/]NAME[:TAG], " +
                "whose digest is then printed.",
        };
        var output = new ImageOutputGroup(withDockerTools: false, withRegistry: false);
        var platform = new PlatformOption();
        var registry = new RegistryGroup();
        var command = new Verb("pull", "Writes an image of a registry as an archive or a layout. All blobs are verified. " +
            "The same digest always gives the same bytes.")
        {
            Summary = "Writes an image of a registry as a file.",
            Examples = """
              overlayimg pull debian:12 -o debian.tar
              overlayimg pull docker://docker.io/library/debian@sha256:DIGEST --platform linux/arm64 --final-image-name base -o base.tar.zst
              overlayimg pull registry.example.org/app@sha256:DIGEST --sha256 sha256-BASE64 -o app.tar
              overlayimg pull debian:12 --json -o debian.tar | jq -r .hash
            """,
        };
        command.Add(image);
        output.AddTo(command);
        platform.AddTo(command);
        command.Add(OptionSection.Main, FinalName, FinalTag, Hash);
        registry.AddTo(command);
        VerbRunner.Attach(command, new Rendering<ImagePullResult>(WriteJson, ShowAsync), (parsed, session) =>
        {
            var (text, reference) = (parsed.GetValue(image)!, RegistryReference.Parse(parsed.GetValue(image)!));
            var options = new ImagePullOptions
            {
                Image = reference,
                ImageName = NameIn(text),
                Platform = platform.Read(parsed),
                Output = output.Read(parsed),
                FinalName = new(parsed.GetValue(FinalName) ?? NameIn(text), parsed.GetValue(FinalTag) ?? reference.Tag ?? "latest"),
                ExpectedHash = HashOf(parsed),
                Access = registry.Read(parsed, $"{RegistryReference.Transport}{reference}"),
            };
            Check(options);
            return ImagePull.RunAsync(options, session);
        });
        return command;
    }

    // The name as the user wrote it: nix-prefetch-docker prints it, and pullImage derives the name of the image from it.
    private static string NameIn(string text)
    {
        if (text.StartsWith(RegistryReference.Transport, StringComparison.Ordinal)) text = text[RegistryReference.Transport.Length..];
        return ImageReference.Parse(text.Split('@')[0]).Name;
    }

    private static Digest? HashOf(ParseResult parsed)
    {
        if (parsed.GetValue(Hash) is not { } text) return null;
        return Digest.TryParseHash(text, out var hash) ? hash
            : throw new UsageException($"'{text}' is not what {Hash.Name} takes: give 64 hexadecimal digits, or sha256-BASE64.");
    }

    private static void Check(ImagePullOptions options)
    {
        if (!options.FinalName.IsValid) throw new UsageException($"'{options.FinalName}' can't be the name and tag of an image.");
        if (options.ExpectedHash is null) return;
        if (options.Output is not ArchiveOutput archive)
            throw new UsageException($"{Hash.Name} is the hash of an archive, and a layout is a directory without a hash: leave {Hash.Name} out.");
        if (archive.Destination.IsStream)
            throw new UsageException($"{Hash.Name} is checked before the file gets its name, which is not possible for stdout: name a file with -o.");
    }

    private static void WriteJson(Utf8JsonWriter writer, ImagePullResult result, IReadOnlyList<string> warnings)
    {
        foreach (var (name, value) in NixAttributes(result)) writer.WriteString(name, value);
        writer.WriteString("output", result.Output.Path);
        if (result.File is { } file) writer.WriteNumber("size", file.File.Length);
        writer.WriteString("imageId", result.ImageId.ToString());
        writer.WriteString("manifestDigest", result.ManifestDigest.ToString());
        writer.WriteNumber("layers", result.Layers);
        writer.WriteTexts("warnings", warnings);
    }

    private static Task ShowAsync(ImagePullResult result, Reporter reporter)
    {
        var size = result.File is { } file ? $", {SizeText.Format(file.File.Length)}" : "";
        reporter.Line($"{result.Output.Path}: {result.FinalName}, {Counted.Of(result.Layers, "layer")}{size}, image ID {result.ImageId}");
        reporter.Line("{");
        foreach (var (name, value) in NixAttributes(result)) reporter.Line($"  {name} = \"{value}\";");
        reporter.Line("}");
        reporter.Closing(null, NextCommand.ForImage(result.Output, result.FinalName.Tag));
        return Task.CompletedTask;
    }

    // Names and order are those of nix-prefetch-docker, so that the output can be pasted as arguments of pullImage.
    private static IEnumerable<(string Name, string Value)> NixAttributes(ImagePullResult result)
    {
        yield return ("imageName", result.ImageName);
        yield return ("imageDigest", result.Image.Digest!.ToString());
        if (result.File?.Hash is { } hash) yield return ("hash", hash.ToIntegrity());
        yield return ("finalImageName", result.FinalName.Name);
        yield return ("finalImageTag", result.FinalName.Tag);
    }
}
