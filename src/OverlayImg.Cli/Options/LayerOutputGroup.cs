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
    private readonly Option<bool> _xattrs = new("--xattrs")
    {
        Description = "Keep extended attributes, file capabilities and ACLs among them: the default, written out."
    };
    private readonly Option<bool> _noXattrs = new("--no-xattrs") { Description = "Leave extended attributes out, as dockerTools does." };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _output, _baseJson, _xattrs, _noXattrs }) command.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_xattrs) && result.GetValue(_noXattrs)) result.AddError("--xattrs and --no-xattrs exclude each other.");
        });
    }

    public string OutputDirectory(ParseResult parsed) => parsed.GetValue(_output)!;

    public string? BaseJson(ParseResult parsed) => parsed.GetValue(_baseJson);

    public bool ExtendedAttributes(ParseResult parsed) => !parsed.GetValue(_noXattrs);
}
