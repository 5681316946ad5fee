using System.CommandLine;
using OverlayImg.FileSystems.Tar;

namespace OverlayImg.Cli.Options;

/// <summary>The limit of what the files of a layer or a tar may add up to.</summary>
internal sealed class MaxSizeOption
{
    private readonly Option<long?> _option = Values.Size("--max-size",
        "The most that the files may add up to, holes of sparse files included; more is refused, and the file is named. " +
        $"[default: {SizeText.Format(TarWriterOptions.DefaultMaximumSize)}]");

    public void AddTo(Command command) => command.Add(_option);

    /// <summary>The limit in bytes.</summary>
    public long Read(ParseResult parsed) => parsed.GetValue(_option) ?? TarWriterOptions.DefaultMaximumSize;
}
