using System.CommandLine;
using OverlayImg.Images.Archives.Writing;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Outputs;
using OverlayImg.Images.References;
using OverlayImg.Images.Registries.Options;

namespace OverlayImg.Cli.Options;

/// <summary>Where an image goes, and in which form.</summary>
internal sealed class ImageOutputGroup
{
    private const string Layout = "oci:";
    private const string Short = "-o";

    private readonly Option<string> _output = new("--output", Short)
    {
        Description = "The archive to write, also as docker-archive:PATH or oci-archive:PATH[:TAG]: a .tar, " +
            "or compressed as .tar.gz (.tgz) or .tar.zst (.tzst); - writes it to stdout. oci:DIRECTORY[:TAG] makes an OCI layout, or adds to the one that is there.",
        HelpName = "PATH",
        Required = true,
    };

    private readonly Option<string> _format = new("--format")
    {
        Description = "hybrid (an OCI layout and a docker-archive in one tar, which every client loads) or oci (the layout alone).",
        HelpName = "hybrid|oci",
        DefaultValueFactory = _ => "hybrid",
    };

    /// <summary>Makes the options.</summary>
    /// <param name="withDockerTools">Whether the verb can write what dockerTools writes, too.</param>
    /// <param name="withRegistry">Whether the verb can send the image to a registry.</param>
    public ImageOutputGroup(bool withDockerTools, bool withRegistry = true)
    {
        if (withRegistry) _output.Description += " docker://NAME[:TAG] sends the image to a registry; layers without compression then become gzip.";
        if (withDockerTools)
        {
            _format.Description = "hybrid (an OCI layout and a docker-archive in one tar, which every client loads), " +
                "dockertools (to the byte what nixpkgs' dockerTools of 2021 writes) or oci (the layout alone).";
            _format.HelpName = "hybrid|dockertools|oci";
        }

        _format.AcceptOnlyFromAmong(withDockerTools ? ["hybrid", "dockertools", "oci"] : ["hybrid", "oci"]);
    }

    /// <summary>The options that say where an archive goes, and nothing of its form.</summary>
    public IEnumerable<Option> Destination => [_output];

    public void AddTo(Command command)
    {
        command.Add(_output);
        command.Add(_format);
    }

    /// <summary>Adds the options to a verb that always writes to stdout.</summary>
    public void AddStreamTo(Command command) => command.Add(_format);

    /// <summary>Adds the options to a verb that writes no archive with <paramref name="unless"/>.</summary>
    public void AddTo(Command command, Option<bool> unless)
    {
        _output.Required = false;
        AddTo(command);
        command.Validators.Add(result =>
        {
            if (!result.GetValue(unless) && result.GetValue(_output) is null) result.AddError($"Option '{_output.Name}' is required.");
        });
    }

    /// <summary>The repository of a registry that the image goes to, as it stands on the command line; null for other places.</summary>
    /// <exception cref="UsageException">The name can't be one.</exception>
    public string? Registry(ParseResult parsed)
    {
        if (parsed.GetValue(_output) is not { } text || !text.StartsWith(RegistryReference.Transport, StringComparison.Ordinal)) return null;
        Values.Understood(() => { RegistryReference.Parse(text); });
        return text;
    }

    /// <summary>Where the image goes.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="access">How to get at the registry of <see cref="Registry"/>; null for a verb that writes to no registry.</param>
    /// <param name="compressor">The compression that a spec asks for; null where it asks for none.</param>
    /// <exception cref="UsageException">The archive would go to a terminal, or to stdout beside the JSON.</exception>
    public ImageOutput Read(ParseResult parsed, RegistryOptions? access = null, CompressionFormat? compressor = null)
    {
        var text = parsed.GetValue(_output) ?? "-";
        var output = OutputOf(text, access, compressor ?? CompressionFormat.None);
        if (compressor is { } wanted && output is ArchiveOutput { Destination.Compression: var given } && given != wanted)
            throw new UsageException($"The spec's compressor is {CompressorOf(wanted)}, but {Short} {text} says {CompressorOf(given)}: change one of them.");
        if (output is not ArchiveOutput { Destination: var destination } archive)
            return !parsed.IsGiven(_format) || parsed.GetValue(_format) == "oci" ? output : throw IsOther(parsed, output is LayoutOutput ? Layout : RegistryReference.Transport);
        if (destination.IsStandardOutput && !Console.IsOutputRedirected)
            throw new UsageException($"An archive would be of no use on a terminal: redirect stdout{OrFile(parsed)}.");
        if (destination.IsStandardOutput && parsed.GetValue(CommonOptions.Json))
            throw new UsageException($"--json and the archive both want stdout: leave --json out{OrFile(parsed)}.");
        var format = parsed.GetValue(_format) switch
        {
            "dockertools" => ArchiveFormat.DockerTools,
            "oci" => ArchiveFormat.Oci,
            _ => ArchiveFormat.Hybrid,
        };
        var transport = Array.Find([ImageOutput.DockerArchive, ImageOutput.OciArchive], transport => text.StartsWith(transport, StringComparison.Ordinal));
        if (transport is null) return archive with { Format = format };
        if (!parsed.IsGiven(_format)) return archive;
        // The hybrid is both; an OCI layout alone is no docker-archive, and dockerTools' archive no layout.
        var fits = format == ArchiveFormat.Hybrid || (format == ArchiveFormat.Oci) == (transport == ImageOutput.OciArchive);
        return fits ? archive with { Format = format } : throw IsOther(parsed, transport);
    }

    // As dockerTools calls it.
    private static string CompressorOf(CompressionFormat compression) => compression switch
    {
        CompressionFormat.Gzip => "gz",
        CompressionFormat.Zstd => "zstd",
        _ => "none",
    };

    private UsageException IsOther(ParseResult parsed, string transport) => new($"--format {parsed.GetValue(_format)} is not what {transport} stands for: leave --format out.");

    private string OrFile(ParseResult parsed) => parsed.CommandResult.Command.Options.Contains(_output) ? $", or name a file with {Short}" : "";

    private static ImageOutput OutputOf(string text, RegistryOptions? access, CompressionFormat compression)
    {
        var output = Values.Understood(() => ImageOutput.Parse(text, compression));
        if (output is RegistryOutput registry)
        {
            return access is not null ? registry with { Access = access }
                : throw new UsageException("An image is pulled to a file or a layout: 'overlayimg copy' takes it from registry to registry.");
        }

        if (output.Name is not null) throw new UsageException($"The name behind {ImageOutput.DockerArchive}PATH is for copy: here options name the image.");
        return output;
    }
}
