using System.CommandLine;

namespace OverlayImg.Cli.Options;

/// <summary>Where a new layer goes, and how.</summary>
internal sealed class LayerOutputGroup
{
    private readonly Option<string> _output = new("--output", "-o")
    {
        Description = "The directory to make, with layer.tar, json and VERSION in it. One that a former run made is replaced.",
        HelpName = "DIR",
        Required = true
    };
    private readonly Option<string?> _baseJson = new("--base-json")
    {
        Description = "What the layer's json starts from; the checksum is added to it.",
        HelpName = "FILE"
    };
    private readonly XattrsGroup _xattrs = new();

    public void AddTo(Command command)
    {
        command.Add(_output);
        command.Add(_baseJson);
        _xattrs.AddTo(command);
    }

    /// <exception cref="UsageException">The output is a registry's.</exception>
    public string OutputDirectory(ParseResult parsed) => parsed.GetValue(_output) is { } path && !path.StartsWith("docker://", StringComparison.Ordinal)
        ? path : throw new UsageException("A layer is a directory: 'overlayimg build' sends an image with it to a registry.");

    public string? BaseJson(ParseResult parsed) => parsed.GetValue(_baseJson);

    public bool ExtendedAttributes(ParseResult parsed) => _xattrs.Read(parsed);
}
