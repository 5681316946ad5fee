using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using OverlayImg.Closures.Dpkg;
using OverlayImg.FileSystems;

namespace OverlayImg.Closures.Layering;

/// <summary>
/// Divides the root file system of a Debian, or of a relative of it, by the packages that its files came with: images that have a package share its
/// layer. Most needed packages come first; what belongs to no package, and every directory as it is, comes last.
/// </summary>
/// <remarks>
/// <para>A package's layer has the files of its list, diverted ones where they are, and dpkg's records of it. Not its configuration files: they are there
/// to be changed, and the layer shall stay what it is. Nor a file linked to one of another package: names of one file stay together. Nor a link
/// that several packages take for a directory, as <c>/bin</c> is.</para>
/// <para>Directories are in each layer that needs them, with owner, mode and attributes as in the root but without their time, which tells when the
/// last package was unpacked there: so that the layers of two images are the same bytes. The last layer has them with it.</para>
/// <para>Where packages outnumber the layers, half of the layers are for the most needed ones, and each of the others goes to one of the rest by a
/// hash of its name: one package more or less changes one layer.</para>
/// </remarks>
internal static class PackageLayering
{
    /// <summary>The layers, bottom first: every file of the root in exactly one, and all of them together the root.</summary>
    /// <param name="root">The merged root file system, without whiteouts. Content stays where it is.</param>
    /// <param name="availableLayers">How many there may be, at least 1.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="InputException">dpkg's records are not there, or broken.</exception>
    public static IReadOnlyList<TreeLayer> Plan(FileTree root, int availableLayers, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(availableLayers, 1);
        var database = DpkgDatabase.Read(root, cancellationToken);
        var files = PackageFiles.Find(root, database, cancellationToken);
        var popularity = DpkgPopularity.Of(database.Packages, cancellationToken);
        var filesOf = files.Files.ToLookup(file => file.Package, file => file.Path);
        var layers = new List<TreeLayer>();
        foreach (var group in GroupsOf(database.Packages, popularity, availableLayers - 1))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var part = new TreePart(root);
            foreach (var package in group)
            {
                foreach (var directory in files.DirectoriesOf(package)) part.AddDirectory(directory);
                foreach (var path in filesOf[package]) part.Add(path);
            }

            layers.Add(LayerOf(part, [.. group.Select(package => database.Packages[package])], popularity[group[0]]));
        }

        var taken = availableLayers == 1 ? [] : files.Files.Select(file => file.Path).ToHashSet();
        layers.Add(Rest(root, taken));
        return layers;
    }

    /// <summary>The packages by layer: most needed first, then those that share layers.</summary>
    private static IEnumerable<IReadOnlyList<int>> GroupsOf(IReadOnlyList<DpkgPackage> packages, int[] popularity, int count)
    {
        if (count == 0) return [];
        int[] ranked = [.. Enumerable.Range(0, packages.Count).OrderByDescending(package => popularity[package])];
        if (ranked.Length <= count) return ranked.Select(package => (int[])[package]);
        var alone = count / 2;
        var shared = ranked.Skip(alone).Order().GroupBy(package => BucketOf(packages[package], count - alone)).OrderBy(bucket => bucket.Key);
        return [.. ranked.Take(alone).Select(package => (int[])[package]), .. shared.Select(bucket => bucket.ToArray())];
    }

    // By name alone: whatever else is installed, a package meets the same ones.
    private static int BucketOf(DpkgPackage package, int count)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(package.DisplayName));
        return (int)(BinaryPrimitives.ReadUInt32LittleEndian(hash) % (uint)count);
    }

    private static TreeLayer LayerOf(TreePart part, DpkgPackage[] packages, int popularity)
    {
        var names = string.Join(' ', packages.Select(package => package.DisplayName));
        var reason = packages.Length > 1
            ? string.Create(CultureInfo.InvariantCulture, $"{packages.Length} packages that few others need share a layer")
            : string.Create(CultureInfo.InvariantCulture, $"package {names} {packages[0].Version}, which {popularity} other packages need");
        return new(part.ToTree(), Printable(names), Printable(reason));
    }

    private static TreeLayer Rest(FileTree root, HashSet<ByteString> taken)
    {
        var part = new TreePart(root, withTimes: true);
        foreach (var (path, node) in root.Walk())
        {
            if (node is DirectoryNode) part.AddDirectory(path);
            else if (!taken.Contains(path)) part.Add(path);
        }

        return new(part.ToTree(), "rest", "configuration files, what belongs to no package, and all directories as they are");
    }

    private static string Printable(string text) => DisplayName.Of(ByteString.FromText(text).Span);
}
