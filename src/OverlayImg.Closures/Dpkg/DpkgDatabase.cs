using System.Text;
using OverlayImg.FileSystems;

namespace OverlayImg.Closures.Dpkg;

/// <summary>dpkg's database in a root file system: the installed packages, the files of each, and the diversions.</summary>
internal sealed class DpkgDatabase
{
    private const string StatusPath = "var/lib/dpkg/status";
    private const string DiversionsPath = "var/lib/dpkg/diversions";
    private const string InfoPath = "var/lib/dpkg/info";

    // A desktop's status file has some 5 MB, and its lists of files are shorter.
    private const long MaximumLength = 256 << 20;

    private readonly FileTree _root;
    private readonly Dictionary<ByteString, (ByteString Target, string Package)> _diversions = [];
    private readonly ILookup<string, TreeEntry> _info;

    private DpkgDatabase(FileTree root, CancellationToken cancellationToken)
    {
        _root = root;
        var status = Text(StatusPath) ?? throw new InputException($"has no {StatusPath}, so the packages of files are unknown")
        {
            Advice = "Layers by package are for Debian and distributions based on it.",
        };
        ReadDiversions();
        _info = InfoFiles().ToLookup(file => file.Package, file => file.Entry, StringComparer.Ordinal);
        Packages = [.. DpkgStatus.Read(status, new(Path: StatusPath)).Where(package => ListOf(package) is not null)
            .OrderBy(package => package.DisplayName, StringComparer.Ordinal).ThenBy(package => package.Architecture, StringComparer.Ordinal)];
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>The installed packages that have a list of files, sorted by name.</summary>
    public IReadOnlyList<DpkgPackage> Packages { get; }

    /// <summary>Reads the database.</summary>
    /// <exception cref="InputException">There is no database, or it is corrupt.</exception>
    public static DpkgDatabase Read(FileTree root, CancellationToken cancellationToken) => new(root, cancellationToken);

    /// <summary>
    /// Returns the paths in the package's list, directories included, with diversions applied. The paths are absolute
    /// and may lead through links.
    /// </summary>
    public IEnumerable<ByteString> PathsOf(DpkgPackage package)
    {
        foreach (var line in Lines(ListOf(package)!))
        {
            var isDiverted = _diversions.TryGetValue(line, out var diversion) && diversion.Package != package.Name;
            yield return isDiverted ? diversion.Target : line;
        }
    }

    /// <summary>Returns the paths, in the tree, of dpkg's own files about the package.</summary>
    public IEnumerable<ByteString> RecordsOf(DpkgPackage package) => RecordName(package) is { } name ? _info[name].Select(entry => entry.Path) : [];

    private byte[]? ListOf(DpkgPackage package) => RecordName(package) is { } name ? Text($"{InfoPath}/{name}.list") : null;

    // The files are named "libc6:amd64" for a package that may be installed for several architectures, otherwise "bash".
    private string? RecordName(DpkgPackage package)
    {
        string[] names = [package.DisplayName, package.Name];
        return names.FirstOrDefault(name => _info[name].Any(entry => entry.Path.Span.EndsWith(".list"u8)));
    }

    private IEnumerable<(string Package, TreeEntry Entry)> InfoFiles()
    {
        var directory = ByteString.FromText(InfoPath);
        if (_root.Find(directory.Span) is not DirectoryNode info) yield break;
        foreach (var (name, node) in info.SortedEntries())
        {
            var dot = name.Span.LastIndexOf((byte)'.');
            if (dot > 0) yield return (Encoding.UTF8.GetString(name.Span[..dot]), new(TreePath.Join(directory, name), node));
        }
    }

    // Each diversion has three lines: the original path, the new path, and the package. The package ":" is the
    // administrator, whose diversions apply to every package.
    private void ReadDiversions()
    {
        var lines = Lines(Text(DiversionsPath) ?? []).ToArray();
        if (lines.Length % 3 != 0) throw new InputException("does not have three lines for each diversion", new(Path: DiversionsPath));
        for (var index = 0; index < lines.Length; index += 3)
            _diversions[lines[index]] = (lines[index + 1], Encoding.UTF8.GetString(lines[index + 2].Span));
    }

    private static IEnumerable<ByteString> Lines(byte[] text)
    {
        for (var start = 0; start < text.Length;)
        {
            var length = text.AsSpan(start).IndexOf((byte)'\n');
            var end = length < 0 ? text.Length : start + length;
            if (end > start) yield return new(text.AsSpan(start, end - start));
            start = end + 1;
        }
    }

    private byte[]? Text(string path)
    {
        if (_root.Find(ByteString.FromText(path).Span) is not RegularFileNode { Content: var content }) return null;
        if (content.Length > MaximumLength) throw new InputException("is larger than 256 MiB, so it is no file of dpkg", new(Path: path));
        var text = new byte[content.Length];
        content.Read(0, text);
        return text;
    }
}
