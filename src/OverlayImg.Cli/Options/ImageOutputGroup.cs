using System.CommandLine;
using OverlayImg.Images.Archives.Writing;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Outputs;
using OverlayImg.Images.References;
using OverlayImg.Images.Registries.Options;

namespace OverlayImg.Cli.Options;

/// <summary>The options for the destination and the format of an image.</summary>
internal sealed class ImageOutputGroup
{
    private const string Layout = "oci:";
    private const string Short = "-o";

    private readonly Option<string> _output = new Option<string>("--output", Short)
    {
        Description = "Archive to write: a path that ends with .tar, or with .tar.gz (.tgz) or .tar.zst (.tzst) to compress it; " +
            "- writes to stdout. The prefixes docker-archive:PATH and oci-archive:PATH[:TAG] choose the format. " +
            "oci:DIRECTORY[:TAG] creates an OCI layout, or adds the image to an existing one.",
        HelpName = "PATH",
        Required = true,
    }.CompletesDestinations();

    private readonly Option<string> _format = new("--format")
    {
        Description = "hybrid: an OCI layout and a docker-archive in one tar, which every client loads. oci: an OCI layout only.",
        HelpName = "hybrid|oci",
        DefaultValueFactory = _ => "hybrid",
    };

    /// <param name="withDockerTools">Whether the verb can write dockerTools' archives, too.</param>
    /// <param name="withRegistry">Whether the verb can send the image to a registry.</param>
    public ImageOutputGroup(bool withDockerTools, bool withRegistry = true)
    {
        if (withRegistry) _output.Description += " docker://NAME[:TAG] sends the image to a registry, which gets uncompressed layers as gzip.";
        if (withDockerTools)
        {
            _format.Description = "hybrid: an OCI layout and a docker-archive in one tar, which every client loads. " +
                "dockertools: for Nix, a docker-archive with the same bytes as nixpkgs' dockerTools of 2021 writes. oci: an OCI layout only.";
            _format.HelpName = "hybrid|dockertools|oci";
        }

        _format.AcceptOnly(withDockerTools ? ["hybrid", "dockertools", "oci"] : ["hybrid", "oci"]);
    }

    /// <summary>The options for the destination alone, without those for the format.</summary>
    public IEnumerable<Option> Destination => [_output];

    public void AddTo(Command command)
    {
        command.Add(OptionSection.Main, _output);
        command.Add(OptionSection.Output, _format);
    }

    /// <summary>Adds the options to a verb that always writes to stdout.</summary>
    public void AddStreamTo(Command command) => command.Add(OptionSection.Output, _format);

    /// <summary>Adds the options to a verb that writes an image unless <paramref name="unless"/> is given.</summary>
    public void AddTo(Command command, Option<bool> unless)
    {
        _output.Required = false;
        AddTo(command);
        command.Validators.Add(result =>
        {
            if (!result.GetValue(unless) && result.GetValue(_output) is null) result.AddError($"Option '{_output.Name}' is required.");
        });
    }

    /// <summary>The image in a registry that the output names, as given on the command line; null for other destinations.</summary>
    /// <exception cref="UsageException">The name is not valid.</exception>
    public string? Registry(ParseResult parsed)
    {
        if (parsed.GetValue(_output) is not { } text || !text.StartsWith(RegistryReference.Transport, StringComparison.Ordinal)) return null;
        Values.Understood(() => { RegistryReference.Parse(text); });
        return text;
    }

    /// <summary>The destination and format of the image.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="access">Access options of the registry of <see cref="Registry"/>; null for a verb that writes to no registry.</param>
    /// <param name="compressor">The compression of the archive that a spec states; null if it states none.</param>
    /// <exception cref="UsageException">Options contradict each other, stdout is a terminal, or the JSON object goes to stdout, too.</exception>
    public ImageOutput Read(ParseResult parsed, RegistryOptions? access = null, CompressionFormat? compressor = null)
    {
        var text = parsed.GetValue(_output) ?? "-";
        var output = OutputOf(text, access, compressor ?? CompressionFormat.None);
        if (compressor is { } wanted && output is ArchiveOutput { Destination.Compression: var given } && given != wanted)
            throw new UsageException($"The spec's compressor is {CompressorOf(wanted)}, but {Short} {text} says {CompressorOf(given)}: " +
                "change one of them.");
        if (output is not ArchiveOutput { Destination: var destination } archive)
        {
            if (!parsed.IsGiven(_format) || parsed.GetValue(_format) == "oci") return output;
            throw IsOther(parsed, output is LayoutOutput ? Layout : RegistryReference.Transport);
        }

        if (destination.IsStandardOutput && !Console.IsOutputRedirected)
            throw new UsageException($"The archive is binary data and is not written to a terminal: redirect stdout{OrFile(parsed)}.");
        if (destination.IsStandardOutput && parsed.GetValue(CommonOptions.Json))
            throw new UsageException($"--json and the archive can't both go to stdout: leave --json out{OrFile(parsed)}.");
        var format = parsed.GetValue(_format) switch
        {
            "dockertools" => ArchiveFormat.DockerTools,
            "oci" => ArchiveFormat.Oci,
            _ => ArchiveFormat.Hybrid,
        };
        string[] transports = [ImageOutput.DockerArchive, ImageOutput.OciArchive];
        var transport = Array.Find(transports, transport => text.StartsWith(transport, StringComparison.Ordinal));
        if (transport is null) return archive with { Format = format };
        if (!parsed.IsGiven(_format)) return archive;
        // A hybrid archive is both. An OCI layout alone is no docker-archive, and dockerTools' archive is no OCI layout.
        var fits = format == ArchiveFormat.Hybrid || (format == ArchiveFormat.Oci) == (transport == ImageOutput.OciArchive);
        return fits ? archive with { Format = format } : throw IsOther(parsed, transport);
    }

    // The compression under its name in dockerTools.
    private static string CompressorOf(CompressionFormat compression) => compression switch
    {
        CompressionFormat.Gzip => "gz",
        CompressionFormat.Zstd => "zstd",
        _ => "none",
    };

    private UsageException IsOther(ParseResult parsed, string transport) =>
        new($"--format {parsed.GetValue(_format)} contradicts {transport}, which states the format: leave --format out.");

    private string OrFile(ParseResult parsed) =>
        parsed.CommandResult.Command.Options.Contains(_output) ? $", or name a file with {Short}" : "";

    private static ImageOutput OutputOf(string text, RegistryOptions? access, CompressionFormat compression)
    {
        var output = Values.Understood(() => ImageOutput.Parse(text, compression));
        if (output is RegistryOutput registry)
        {
            return access is not null ? registry with { Access = access }
                : throw new UsageException("pull writes an archive or a layout: use 'overlayimg copy' to copy from registry to registry.");
        }

        if (output.Name is not null)
            throw new UsageException($"A name after {ImageOutput.DockerArchive}PATH is possible only with copy: give the name by options instead.");
        return output;
    }
}
