using System.CommandLine;
using OverlayImg.FileSystems.Tar;

namespace OverlayImg.Cli.Options;

/// <summary><c>--max-size</c>: the largest total size of the files in a layer or a tar.</summary>
internal sealed class MaxSizeOption
{
    private readonly Option<long?> _option = Values.Size("--max-size",
        "Largest total size of the files, holes of sparse files included, such as 4G; a plain number is MiB. More is an error that names the file. " +
        $"[default: {SizeText.Format(TarWriterOptions.DefaultMaximumSize)}]");

    public void AddTo(Command command) => command.Add(OptionSection.Attributes, _option);

    /// <summary>The limit in bytes.</summary>
    public long Read(ParseResult parsed) => parsed.GetValue(_option) ?? TarWriterOptions.DefaultMaximumSize;
}
