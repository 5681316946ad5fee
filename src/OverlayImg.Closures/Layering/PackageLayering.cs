using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using OverlayImg.Closures.Dpkg;
using OverlayImg.FileSystems;

namespace OverlayImg.Closures.Layering;

/// <summary>
/// Divides a root file system of Debian, or of a distribution based on it, by packages. Images with the same package
/// share its layer. The most needed packages come first. The last layer has the files of no package, and all
/// directories.
/// </summary>
/// <remarks>
/// <para>A package's layer has the files of its list, diverted files at their new paths, and dpkg's own files about it.
/// Configuration files are not in it, because users may change them. Files with a hard link in another package are not
/// in it, because hard links must stay in one layer. Links that several packages list as a directory, such as
/// <c>/bin</c>, are not in it, either.</para>
/// <para>Directories are in each layer that needs them, with owner, mode and attributes, but without their time: it
/// depends on the last package that was unpacked there, and the layers of two images are to have the same bytes. The
/// last layer has the directories with their times.</para>
/// <para>If there are more packages than layers, half of the layers are for the most needed packages. A hash of its
/// name assigns each other package to one of the remaining layers, so one package more or less changes one layer.</para>
/// </remarks>
internal static class PackageLayering
{
    /// <summary>
    /// Returns the layers, bottom first. Each file of the root file system is in exactly one layer, and together the
    /// layers are the root file system.
    /// </summary>
    /// <param name="root">The merged root file system, without whiteouts. File content is not copied.</param>
    /// <param name="availableLayers">The largest number of layers, at least 1.</param>
    /// <exception cref="InputException">dpkg's database is missing or corrupt.</exception>
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

    /// <summary>Returns the packages by layer: the most needed packages first, then those that share layers.</summary>
    private static IEnumerable<IReadOnlyList<int>> GroupsOf(IReadOnlyList<DpkgPackage> packages, int[] popularity, int count)
    {
        if (count == 0) return [];
        int[] ranked = [.. Enumerable.Range(0, packages.Count).OrderByDescending(package => popularity[package])];
        if (ranked.Length <= count) return ranked.Select(package => (int[])[package]);
        var alone = count / 2;
        var shared = ranked.Skip(alone).Order().GroupBy(package => BucketOf(packages[package], count - alone)).OrderBy(bucket => bucket.Key);
        return [.. ranked.Take(alone).Select(package => (int[])[package]), .. shared.Select(bucket => bucket.ToArray())];
    }

    // The name alone decides, so the packages that share a layer do not depend on what else is installed.
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

        return new(part.ToTree(), "rest", "configuration files, files that belong to no package, and all directories as they are");
    }

    private static string Printable(string text) => DisplayName.Of(ByteString.FromText(text).Span);
}
