using System.CommandLine;
using System.Text.Json;
using OverlayImg.Builders;
using OverlayImg.Cli.Completion;
using OverlayImg.Cli.Options;
using OverlayImg.Cli.Reporting;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.Outputs;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Cli.Verbs;

/// <summary><c>overlayimg copy</c> and <c>overlayimg push</c>, which is a copy to a registry.</summary>
internal sealed class CopyVerb
{
    private readonly Argument<string> _source = new Argument<string>("SOURCE")
    {
        Description = "The image to copy: the path of an archive or OCI layout, docker-archive:PATH[:NAME:TAG], oci-archive:PATH[:TAG], " +
            "oci:DIRECTORY[:TAG], rootfs:PATH (the tar of a root file system), or docker://[HOST/]NAME[:TAG|@DIGEST] in a registry. " +
            "Of several images in an archive or layout, NAME and TAG choose one; without them the first is copied.",
    }.CompletesImages();

    private readonly Argument<string> _destination;
    private readonly PlatformOption _platform = new();
    private readonly Option<bool> _all = new("--all", "-a")
    {
        Description = "Copy the images for all platforms together with their index, instead of the image for one platform.",
    };

    private readonly CompressionOption _compression = new(
        "Compression of the layers at the destination. [default: unchanged, but a registry gets uncompressed layers as gzip]");

    private readonly Option<bool> _oci = new("--oci")
    {
        Description = "Write manifests with OCI media types. [default: the media types of SOURCE, or the other ones if the registry refuses them]",
    };

    private readonly Option<bool> _docker = new("--docker")
    {
        Description = "Write manifests with Docker media types (schema 2), to a registry only. They allow neither annotations nor zstd.",
    };

    private readonly AnnotationOption _annotations = new(
        "Annotation to add to the manifest at the destination, or with --all to the index. The copy then has OCI media types.");

    private readonly Option<string?> _digestFile = new Option<string?>("--digestfile")
    {
        Description = "Write the digest of the copied manifest or index to this file.",
        HelpName = "FILE",
    }.CompletesFiles();

    private readonly RegistryGroup _registry = new(withSides: true);
    private readonly bool _isPush;

    private CopyVerb(Argument<string> destination, bool isPush) => (_destination, _isPush) = (destination, isPush);

    public static Command CreateCopy()
    {
        var command = new Verb("copy",
            "Copies an image between registries, archives and layouts. Blobs that the destination has are neither fetched nor sent.")
        {
            Summary = "Copies an image between registries and files.",
            Examples = """
              overlayimg copy docker-archive:app.tar oci:layout:app
              overlayimg copy docker://debian:12 docker://registry.example.org/debian:12 --all
              overlayimg copy oci:layout:app docker://registry.example.org/app:1 --compression zstd --digestfile digest
              overlayimg copy docker://registry.example.org/app:1 docker://lab:5000/app:1 --dest-plain-http
            """,
        };
        var destination = new Argument<string>("DESTINATION")
        {
            Description = "Where to copy the image: docker://[HOST/]NAME[:TAG|@DIGEST], oci:DIRECTORY[:TAG], or an archive as PATH, " +
                "docker-archive:PATH[:NAME:TAG] or oci-archive:PATH[:TAG]. A PATH that ends with .gz or .zst is compressed.",
        };
        destination.CompletesDestinations();
        new CopyVerb(destination, isPush: false).AddTo(command);
        return command;
    }

    public static Command CreatePush()
    {
        var command = new Verb("push", "Sends an image to a registry. Blobs that the registry has are not sent.")
        {
            Summary = "Sends an image to a registry.",
            Examples = """
              overlayimg push app.tar registry.example.org/app:1
              overlayimg push oci:layout:app docker://localhost:5000/app:1 --plain-http --digestfile digest
            """,
        };
        var destination = new Argument<string>("DESTINATION")
        {
            Description = "Name of the image in the registry: [docker://]HOST/NAME[:TAG|@DIGEST].",
        };
        new CopyVerb(destination, isPush: true).AddTo(command);
        return command;
    }

    private void AddTo(Verb command)
    {
        command.Add(_source);
        command.Add(_destination);
        command.Add(OptionSection.Main, _all, _digestFile);
        command.Add(OptionSection.Output, _oci, _docker);
        _compression.AddTo(command);
        _annotations.AddTo(command);
        _platform.AddTo(command);
        _registry.AddTo(command);
        VerbRunner.Attach(command, new Rendering<Outcome>(WriteJson, ShowAsync), RunAsync);
    }

    private sealed record Outcome(ImageCopyResult Result, string Source, ImageOutput Target);

    private async Task<Outcome> RunAsync(ParseResult parsed, Session session)
    {
        var (source, destination) = (parsed.GetValue(_source)!, parsed.GetValue(_destination)!);
        var target = _isPush ? RegistryOutput.Parse(destination) : TargetText.Read(parsed, destination);
        if (parsed.GetValue(_all))
        {
            if (_platform.Read(parsed) is not null)
                throw new UsageException("--all copies the images for all platforms, and --platform only one: give one of the two.");
            if (destination.StartsWith(ImageOutput.DockerArchive, StringComparison.Ordinal))
                throw new UsageException("A docker-archive can't hold the images for several platforms: " +
                    "copy to oci-archive:PATH or oci:DIRECTORY instead.");
        }

        var options = new ImageCopyOptions
        {
            Source = ImageChoice.Parse(source, null, null, _platform.Read(parsed)),
            Target = target,
            All = parsed.GetValue(_all),
            Compression = _compression.Read(parsed),
            Family = FamilyOf(parsed, target),
            Annotations = _annotations.Read(parsed),
            DigestFile = parsed.GetValue(_digestFile),
            Access = _registry.ReadSides(parsed, source, target.Path),
        };
        var result = await ImageCopy.RunAsync(options, session);
        return new(result, source, target);
    }

    private ManifestFamily? FamilyOf(ParseResult parsed, ImageOutput target)
    {
        if (!parsed.GetValue(_docker)) return parsed.GetValue(_oci) ? ManifestFamily.Oci : null;
        if (parsed.GetValue(_oci)) throw new UsageException("--oci and --docker choose different media types for the manifest: give one of the two.");
        if (target is not RegistryOutput)
            throw new UsageException("--docker is for registries only: manifests in archives and layouts have OCI media types.");
        if (_annotations.Read(parsed).Count > 0)
            throw new UsageException($"Manifests with Docker media types have no annotations: leave --docker or {AnnotationOption.Name} out.");
        if (_compression.Read(parsed) is CompressionFormat.Zstd)
            throw new UsageException("Manifests with Docker media types can't have layers compressed by zstd: " +
                "leave --docker or --compression zstd out.");
        return ManifestFamily.Docker;
    }

    private static void WriteJson(Utf8JsonWriter writer, Outcome outcome, IReadOnlyList<string> warnings)
    {
        var result = outcome.Result;
        writer.WriteString("source", outcome.Source);
        writer.WriteString("destination", outcome.Target.Path);
        writer.WriteString("digest", result.Digest.ToString());
        writer.WriteString("mediaType", result.MediaType);
        writer.WriteNumber("images", result.Images);
        writer.WriteNumber("layersCopied", result.Copied);
        writer.WriteNumber("layersThere", result.There);
        writer.WriteNumber("bytesCopied", result.Bytes);
        if (result.File is { } file)
        {
            writer.WriteNumber("size", file.File.Length);
            if (file.Hash is { } hash) writer.WriteString("hash", hash.ToIntegrity());
        }

        writer.WriteTexts("warnings", warnings);
    }

    private static Task ShowAsync(Outcome outcome, Reporter reporter)
    {
        var result = outcome.Result;
        var there = result.There == 0 ? "" : $", {result.There} there already";
        reporter.Line($"{outcome.Target.Path}: {Counted.Of(result.Copied, "layer")} copied ({SizeText.Format(result.Bytes)}){there}");
        reporter.Line($"digest: {result.Digest}");
        // An artifact is nothing for a container engine.
        reporter.Closing(null, result.Images == 0 ? null : NextCommand.ForImage(outcome.Target, null));
        return Task.CompletedTask;
    }
}
