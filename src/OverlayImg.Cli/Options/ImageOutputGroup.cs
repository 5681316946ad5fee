using System.CommandLine;
using OverlayImg.Builders;
using OverlayImg.Images;

namespace OverlayImg.Cli.Options;

/// <summary>Where an image goes, and in which form.</summary>
internal sealed class ImageOutputGroup
{
    private const string OciArchive = "oci-archive:";
    private const string Layout = "oci:";
    private const string Short = "-o";

    private readonly Option<string> _output = new("--output", Short)
    {
        Description = "The archive to write, also as docker-archive:PATH or oci-archive:PATH[:TAG]: compressed if it ends with .gz, .tgz, .zst or .tzst; " +
            "- writes it to stdout. oci:DIRECTORY[:TAG] makes an OCI layout, or adds to the one that is there.",
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
        var (path, transport, refName) = Divide(parsed.GetValue(_output) ?? "-");
        if (transport == Layout) return new LayoutOutput(path) { RefName = RequireOci(parsed, refName) };
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
        if (transport is null) return new ArchiveOutput(destination, format);
        if (!parsed.IsGiven(_format)) format = transport == OciArchive ? ArchiveFormat.Oci : ArchiveFormat.Hybrid;
        // The hybrid is both; an OCI layout alone is no docker-archive, and dockerTools' archive no layout.
        var fits = format == ArchiveFormat.Hybrid || (format == ArchiveFormat.Oci) == (transport == OciArchive);
        return fits ? new ArchiveOutput(destination, format) { RefName = refName } : throw IsOther(parsed, transport);
    }

    private string? RequireOci(ParseResult parsed, string? refName) =>
        parsed.IsGiven(_format) && parsed.GetValue(_format) != "oci" ? throw IsOther(parsed, Layout) : refName;

    private UsageException IsOther(ParseResult parsed, string transport) => new($"--format {parsed.GetValue(_format)} is not what {transport} stands for.");

    private string OrFile(ParseResult parsed) => parsed.CommandResult.Command.Options.Contains(_output) ? $", or name a file with {Short}" : "";

    private static (string Path, string? Transport, string? RefName) Divide(string output)
    {
        const string DockerArchive = "docker-archive:";
        if (TransportText.After(DockerArchive, output) is { } docker) return (docker, DockerArchive, null);
        if (TransportText.After(OciArchive, output) is { } archive) return WithRefName(TransportText.Divide(archive), OciArchive);
        if (TransportText.After(Layout, output) is { } layout) return WithRefName(TransportText.DivideDirectory(layout), Layout);
        if (output.StartsWith(RegistryReference.Transport, StringComparison.Ordinal))
            throw new UsageException($"A registry gets images that are there: write an archive, then 'overlayimg push PATH {output}'.");
        if (Array.Find(["dir:", "docker-daemon:", "containers-storage:"], other => output.StartsWith(other, StringComparison.Ordinal)) is { } transport)
            throw new UsageException($"An image can't be written to {transport} directly: write an archive, which every client loads.");

        return (output, null, null);
    }

    private static (string Path, string? Transport, string? RefName) WithRefName((string Path, string? RefName) divided, string transport)
    {
        if (divided.RefName is { } name && !new ImageReference("", name).CanBeWritten)
            throw new UsageException($"'{name}' can't be a name in an OCI layout: give letters and digits, divided by single - . _ : @ + or /.");
        return (divided.Path, transport, divided.RefName);
    }
}
