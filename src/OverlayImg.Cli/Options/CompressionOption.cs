using System.CommandLine;
using OverlayImg.Images.Compression;

namespace OverlayImg.Cli.Options;

/// <summary><c>--compression</c>: how the layers of an image are compressed.</summary>
internal sealed class CompressionOption
{
    private readonly Option<string?> _option;

    /// <param name="description">Which layers are compressed, and the default, for the help.</param>
    public CompressionOption(string description)
    {
        _option = new("--compression") { Description = description, HelpName = "gzip|zstd|none" };
        _option.AcceptOnly("gzip", "zstd", "none");
    }

    public void AddTo(Command command) => command.Add(OptionSection.Output, _option);

    /// <summary>The compression; null if the option is not given.</summary>
    public CompressionFormat? Read(ParseResult parsed) => parsed.GetValue(_option) switch
    {
        "gzip" => CompressionFormat.Gzip,
        "zstd" => CompressionFormat.Zstd,
        "none" => CompressionFormat.None,
        _ => null,
    };
}
