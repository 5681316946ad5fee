using System.CommandLine;
using OverlayImg.Builders;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Outputs;

namespace OverlayImg.Cli.Options;

/// <summary>Where a file system is exported to, and as what.</summary>
internal sealed class ExportOutputGroup
{
    private const string GnuHardDereference = "gnu-hard-dereference";

    private readonly Option<string> _output = new("--output", "-o")
    {
        Description = "The file to write; - is stdout, which gets its first byte when every layer is verified. " +
            "Its ending tells the format: .tar a tar, .ext4 and .img a disk; .gz or .zst behind that compresses it, as .tgz and .tzst do.",
        HelpName = "FILE",
        Required = true
    };
    private readonly Option<string?> _format = new("--format")
    {
        Description = "tar keeps hard links, owners, modes, each file's own time, devices and extended attributes. " +
            $"{GnuHardDereference} is dockerTools' exportImage to the byte: hard links as files of their own, every time $SOURCE_DATE_EPOCH, " +
            "no extended attributes. ext4 is a disk without partitions. [default: by the ending]",
        HelpName = $"tar|{GnuHardDereference}|ext4"
    };
    private readonly Option<long?> _diskSize = Values.Size("--disk-size",
        "Size of an ext4 disk; what the files don't need takes no space of the host. [default: the smallest that holds them, with nothing free]")
        .Sets(FileSystemSetting.DiskSize);

    private readonly MaxSizeOption _maxSize = new();

    public ExportOutputGroup() => _format.AcceptOnlyFromAmong("tar", GnuHardDereference, "ext4");

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _output, _format, _diskSize }) command.Add(option);
        _maxSize.AddTo(command);
    }

    /// <exception cref="UsageException">The options don't go together, or a terminal would get the bytes.</exception>
    public ExportOptions Read(ParseResult parsed, BaseImageChoice from)
    {
        if (parsed.GetValue(_output)!.StartsWith("docker://", StringComparison.Ordinal))
            throw new UsageException("A file system is a file: 'overlayimg copy' sends an image to a registry.");
        var destination = TarDestination.OfAny(parsed.GetValue(_output)!, Images.Compression.CompressionFormat.None, out var ending);
        var options = new ExportOptions
        {
            From = from,
            Destination = destination,
            Format = Format(parsed, destination, ending),
            FileTime = SourceDateEpoch.Read(),
            MaximumSize = _maxSize.Read(parsed),
            DiskSize = parsed.GetValue(_diskSize),
        };
        Check(options, parsed.GetValue(CommonOptions.Json));
        return options;
    }

    private ExportFormat Format(ParseResult parsed, TarDestination destination, string ending) => parsed.GetValue(_format) switch
    {
        "tar" => ExportFormat.Tar,
        GnuHardDereference => ExportFormat.GnuHardDereference,
        "ext4" => ExportFormat.Ext4,
        _ when ending is ".ext4" or ".img" => ExportFormat.Ext4,
        _ when ending is "" or ".tar" || destination.IsStream => ExportFormat.Tar,
        _ => throw new UsageException(
            $"{destination.Path}: no file of the format {ending} can be written: name a .tar or a disk (.ext4 or .img), " +
            "with .gz or .zst behind that to compress it, or give --format."),
    };

    private static void Check(ExportOptions options, bool json)
    {
        var destination = options.Destination;
        if (options.Format != ExportFormat.Ext4 && options.DiskSize is not null)
            throw new UsageException("--disk-size is the size of an ext4 disk: give --format ext4, or a file that ends with .ext4 or .img.");
        if (!destination.IsStandardOutput) return;
        if (json) throw new UsageException("The file system and the JSON object can't both go to stdout: name a file by -o, or leave --json out.");
        if (!Console.IsOutputRedirected) throw new UsageException("A file system would only upset the terminal: name a file by -o, or pipe the output.");
    }
}
