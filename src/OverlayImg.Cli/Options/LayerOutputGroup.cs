using System.CommandLine;
using OverlayImg.Cli.Completion;

namespace OverlayImg.Cli.Options;

/// <summary>The options for the directory of a new layer.</summary>
internal sealed class LayerOutputGroup
{
    private readonly Option<string> _output = new Option<string>("--output", "-o")
    {
        Description = "Directory to create for the layer, with the files layer.tar, json and VERSION. " +
            "A layer directory of an earlier run is replaced.",
        HelpName = "DIR",
        Required = true
    }.CompletesDirectories();
    private readonly Option<string?> _baseJson = new Option<string?>("--base-json")
    {
        Description = "JSON file whose fields are copied into DIR/json, the layer's description in docker's v1 image format. The tool " +
            "adds the checksum. [default: architecture, os and a fixed creation time]",
        HelpName = "FILE"
    }.CompletesFiles();
    private readonly XattrsGroup _xattrs = new();

    public void AddTo(Command command)
    {
        command.Add(OptionSection.Main, _output);
        command.Add(OptionSection.Output, _baseJson);
        _xattrs.AddTo(command);
    }

    /// <exception cref="UsageException">The output names a registry.</exception>
    public string OutputDirectory(ParseResult parsed) =>
        parsed.GetValue(_output) is { } path && !path.StartsWith("docker://", StringComparison.Ordinal) ? path
            : throw new UsageException("-o names the directory of the layer, not a registry: " +
                "use 'overlayimg build' to send an image with a layer to a registry.");

    public string? BaseJson(ParseResult parsed) => parsed.GetValue(_baseJson);

    public bool ExtendedAttributes(ParseResult parsed) => _xattrs.Read(parsed);
}
