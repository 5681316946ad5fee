using System.CommandLine;
using OverlayImg.Builders;
using OverlayImg.Cli.Completion;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Outputs;

namespace OverlayImg.Cli.Options;

/// <summary>The options for the file of <c>export</c>: its path, format and size.</summary>
internal sealed class ExportOutputGroup
{
    private const string GnuHardDereference = "gnu-hard-dereference";

    private readonly Option<string> _output = new Option<string>("--output", "-o")
    {
        Description = "File to write; - writes to stdout, after every layer is verified. The ending sets the format: .tar for a tar, " +
            ".ext4 or .img for an ext4 disk. A further .gz or .zst, or .tgz and .tzst for a tar, compresses the file.",
        HelpName = "FILE",
        Required = true
    }.CompletesFiles();
    private readonly Option<string?> _format = new("--format")
    {
        Description = "tar: keeps hard links, owners, modes, the time of each file, devices and extended attributes. " +
            $"{GnuHardDereference}: the same bytes as nixpkgs' dockerTools.exportImage, with hard links as separate files, $SOURCE_DATE_EPOCH as " +
            "every time, and no extended attributes. ext4: a disk without partitions. [default: by the ending of the file]",
        HelpName = $"tar|{GnuHardDereference}|ext4"
    };
    private readonly Option<long?> _diskSize = Values.Size("--disk-size",
        "Size of the ext4 disk, such as 4G; a plain number is MiB. Its free space takes no space on the host. " +
        "[default: the smallest size, without free space]")
        .Sets(FileSystemSetting.DiskSize);

    private readonly MaxSizeOption _maxSize = new();

    public ExportOutputGroup() => _format.AcceptOnly("tar", GnuHardDereference, "ext4");

    public void AddTo(Command command)
    {
        command.Add(OptionSection.Main, _output, _format, _diskSize);
        _maxSize.AddTo(command);
    }

    /// <exception cref="UsageException">The options contradict each other, or stdout is a terminal.</exception>
    public ExportOptions Read(ParseResult parsed, ImageChoice from)
    {
        if (parsed.GetValue(_output)!.StartsWith("docker://", StringComparison.Ordinal))
            throw new UsageException("export writes a file and no image of a registry: use 'overlayimg copy' to send an image to a registry.");
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
            $"{destination.Path}: the ending {ending} names no format of export: use .tar, .ext4 or .img, " +
            "with .gz or .zst after it to compress the file, or give --format."),
    };

    private static void Check(ExportOptions options, bool json)
    {
        var destination = options.Destination;
        if (options.Format != ExportFormat.Ext4 && options.DiskSize is not null)
            throw new UsageException("--disk-size is the size of an ext4 disk: give --format ext4, or a file that ends with .ext4 or .img.");
        if (!destination.IsStandardOutput) return;
        if (json) throw new UsageException("The file system and the JSON object can't both go to stdout: name a file with -o, or leave --json out.");
        if (!Console.IsOutputRedirected)
            throw new UsageException("The file system is binary data and is not written to a terminal: name a file with -o, or pipe the output.");
    }
}
