using System.CommandLine;
using OverlayImg.Builders;
using OverlayImg.Images;

namespace OverlayImg.Cli.Options;

/// <summary>Where an image archive goes, and in which form.</summary>
internal sealed class ImageOutputGroup
{
    private const string OciArchive = "oci-archive:";
    private const string Short = "-o";

    private readonly Option<string> _output = new("--output", Short)
    {
        Description = "The archive to write, also as docker-archive:PATH or oci-archive:PATH: compressed if it ends with .gz, .tgz, .zst or .tzst; " +
            "- writes it to stdout.",
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
    public ImageOutputGroup(bool withDockerTools)
    {
        if (withDockerTools)
        {
            _format.Description = "hybrid (an OCI layout and a docker-archive in one tar, which every client loads), " +
                "dockertools (to the byte what nixpkgs' dockerTools writes) or oci (the layout alone).";
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

    /// <exception cref="UsageException">The archive would go to a terminal, or to stdout beside the JSON.</exception>
    public ImageOutput Read(ParseResult parsed) => Read(parsed, CompressionFormat.None);

    /// <summary>As the other one; <paramref name="compression"/> is for an archive whose name tells none.</summary>
    public ImageOutput Read(ParseResult parsed, CompressionFormat compression)
    {
        var (path, transport) = Divide(parsed.GetValue(_output) ?? "-");
        var destination = TarDestination.Parse(path, compression);
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
        if (transport is null) return new(destination, format);
        if (!parsed.IsGiven(_format)) return new(destination, transport == OciArchive ? ArchiveFormat.Oci : ArchiveFormat.Hybrid);
        // The hybrid is both; an OCI layout alone is no docker-archive, and dockerTools' archive no layout.
        var fits = format == ArchiveFormat.Hybrid || (format == ArchiveFormat.Oci) == (transport == OciArchive);
        return fits ? new(destination, format) : throw new UsageException($"--format {parsed.GetValue(_format)} is not what {transport} stands for.");
    }

    private string OrFile(ParseResult parsed) => parsed.CommandResult.Command.Options.Contains(_output) ? $", or name a file with {Short}" : "";

    private static (string Path, string? Transport) Divide(string output)
    {
        foreach (var transport in new[] { "docker-archive:", OciArchive })
        {
            if (output.StartsWith(transport, StringComparison.Ordinal)) return (output[transport.Length..], transport);
        }

        foreach (var transport in new[] { "oci:", "dir:", "docker://", "docker-daemon:", "containers-storage:" })
        {
            if (output.StartsWith(transport, StringComparison.Ordinal))
                throw new UsageException($"An image can't be written to {transport} directly: write an archive, then 'skopeo copy docker-archive:PATH {output}'.");
        }

        return (output, null);
    }
}
