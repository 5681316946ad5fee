using System.Text;
using OverlayImg.FileSystems;

namespace OverlayImg.Closures.Dpkg;

/// <summary>Reads dpkg's status file (deb822(5)): paragraphs of fields, separated by empty lines.</summary>
internal static class DpkgStatus
{
    // Debian's largest release has some sixty thousand packages, but a desktop has three thousand.
    private const int MaximumPackages = 20_000;

    /// <summary>Returns the packages in the order of the file.</summary>
    /// <exception cref="InputException">
    /// The file has a paragraph without a package name, a package twice, or more than 20,000 packages.
    /// </exception>
    public static IReadOnlyList<DpkgPackage> Read(ReadOnlySpan<byte> text, InputLocation where)
    {
        var packages = new List<DpkgPackage>();
        var seen = new HashSet<(string, string)>();
        var fields = new Dictionary<string, List<ByteString>>(StringComparer.OrdinalIgnoreCase);
        List<ByteString>? current = null;
        foreach (var range in text.Split((byte)'\n'))
        {
            var line = text[range];
            if (line.IsEmpty)
            {
                Take(fields, packages, seen, where);
                current = null;
            }
            else if (line[0] is (byte)' ' or (byte)'\t')
            {
                current?.Add(new(line.Trim(" \t"u8)));
            }
            else if (line.IndexOf((byte)':') is > 0 and var colon)
            {
                current = fields[Encoding.UTF8.GetString(line[..colon])] = [new(line[(colon + 1)..].Trim(" \t"u8))];
            }
        }

        Take(fields, packages, seen, where);
        return packages;
    }

    private static void Take(
        Dictionary<string, List<ByteString>> fields, List<DpkgPackage> packages, HashSet<(string, string)> seen, InputLocation where)
    {
        if (fields.Count == 0) return;
        var package = new DpkgPackage
        {
            Name = Text(fields, "Package") is { Length: > 0 } name ? name : throw new InputException("has a paragraph without a package", where),
            Architecture = Text(fields, "Architecture"),
            Version = Text(fields, "Version"),
            IsCoInstallable = Text(fields, "Multi-Arch") == "same",
            Dependencies = [.. Names(fields, "Pre-Depends"), .. Names(fields, "Depends")],
            Provides = Names(fields, "Provides"),
            ConfigurationFiles = ConfigurationFiles(fields),
        };
        fields.Clear();
        if (!seen.Add((package.Name, package.Architecture)))
            throw new InputException($"lists the package {DisplayName.Of(ByteString.FromText(package.Name).Span)} twice", where);
        if (packages.Count == MaximumPackages) throw new InputException("lists more than 20,000 packages", where);
        packages.Add(package);
    }

    private static string Text(Dictionary<string, List<ByteString>> fields, string name) =>
        fields.TryGetValue(name, out var lines) ? Encoding.UTF8.GetString(lines[0].Span) : "";

    // "libc6 (>= 2.34), foo:any | bar [amd64]"
    private static string[] Names(Dictionary<string, List<ByteString>> fields, string name)
    {
        if (!fields.TryGetValue(name, out var lines)) return [];
        var text = string.Join(' ', lines.Select(line => Encoding.UTF8.GetString(line.Span)));
        return [.. text.Split([',', '|']).Select(NameAlone).Where(one => one.Length > 0).Distinct(StringComparer.Ordinal)];
    }

    private static string NameAlone(string relation)
    {
        var trimmed = relation.Trim();
        var end = trimmed.IndexOfAny([' ', '(', ':', '[']);
        return end < 0 ? trimmed : trimmed[..end];
    }

    // " /etc/adduser.conf cc3493ec... [obsolete]"
    private static HashSet<ByteString> ConfigurationFiles(Dictionary<string, List<ByteString>> fields)
    {
        var files = new HashSet<ByteString>();
        foreach (var line in fields.GetValueOrDefault("Conffiles") ?? [])
        {
            var path = line.Span;
            if (path.EndsWith(" obsolete"u8)) path = path[..^" obsolete"u8.Length];
            var space = path.LastIndexOf((byte)' ');
            if (space > 0) files.Add(new(path[..space]));
        }

        return files;
    }
}
