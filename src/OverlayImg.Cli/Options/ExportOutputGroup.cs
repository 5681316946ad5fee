using System.CommandLine;
using OverlayImg.Builders;

namespace OverlayImg.Cli.Options;

/// <summary>Where a file system is exported to, and as what.</summary>
internal sealed class ExportOutputGroup
{
    private const string GnuHardDereference = "gnu-hard-dereference";

    private readonly Option<string> _output = new("--output", "-o")
    {
        Description = "The file to write; - is stdout, which gets its first byte when every layer is verified. " +
            "Its ending tells the format: .ext4 and .img a disk, anything else a tar; .gz, .tgz, .zst or .tzst behind that compress it.",
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
        "Size of an ext4 disk; what the files don't need takes no space of the host. [default: the smallest that holds them, with nothing free]");

    public ExportOutputGroup() => _format.AcceptOnlyFromAmong("tar", GnuHardDereference, "ext4");

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _output, _format, _diskSize }) command.Add(option);
    }

    /// <exception cref="UsageException">The options don't go together, or a terminal would get the bytes.</exception>
    public ExportOptions Read(ParseResult parsed, BaseImageChoice from)
    {
        var options = new ExportOptions
        {
            From = from,
            Destination = TarDestination.Parse(parsed.GetValue(_output)!),
            Format = Format(parsed),
            FileTime = SourceDateEpoch.Read(),
            DiskSize = parsed.GetValue(_diskSize),
            CacheDirectory = CommonOptions.ReadersCacheDirectoryOf(parsed),
        };
        Check(options, parsed.GetValue(CommonOptions.Json));
        return options;
    }

    private ExportFormat Format(ParseResult parsed) => parsed.GetValue(_format) switch
    {
        "tar" => ExportFormat.Tar,
        GnuHardDereference => ExportFormat.GnuHardDereference,
        "ext4" => ExportFormat.Ext4,
        _ => IsDisk(parsed.GetValue(_output)!) ? ExportFormat.Ext4 : ExportFormat.Tar,
    };

    private static bool IsDisk(string path)
    {
        if (TarDestination.Parse(path).Compression != Images.CompressionFormat.None) path = Path.GetFileNameWithoutExtension(path);
        return Path.GetExtension(path) is ".ext4" or ".img";
    }

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
