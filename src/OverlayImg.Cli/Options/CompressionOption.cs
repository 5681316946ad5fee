using System.CommandLine;
using OverlayImg.Images.Compression;

namespace OverlayImg.Cli.Options;

/// <summary>How the layers of an image are compressed.</summary>
internal sealed class CompressionOption
{
    private readonly Option<string?> _option;

    /// <summary>Makes the option.</summary>
    /// <param name="description">What is compressed, and the default.</param>
    public CompressionOption(string description)
    {
        _option = new("--compression") { Description = description, HelpName = "gzip|zstd|none" };
        _option.AcceptOnlyFromAmong("gzip", "zstd", "none");
    }

    public void AddTo(Command command) => command.Add(_option);

    /// <summary>The compression; null where the command line does not tell one.</summary>
    public CompressionFormat? Read(ParseResult parsed) => parsed.GetValue(_option) switch
    {
        "gzip" => CompressionFormat.Gzip,
        "zstd" => CompressionFormat.Zstd,
        "none" => CompressionFormat.None,
        _ => null,
    };
}
