using OverlayImg.Closures.Dpkg;
using OverlayImg.Closures.Layering;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Comparison;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.BaseImages;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Overlay;
using OverlayImg.Images.Sessions;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.Layering;

/// <summary>Layers by Debian package: of a real Debian, and of small root file systems with rare cases.</summary>
public sealed class PackageLayeringTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly Lifetime _lifetime = new();

    public void Dispose()
    {
        _lifetime.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Every_file_of_a_Debian_is_in_one_layer_and_images_share_those_of_common_packages()
    {
        var debian = await OpenDebianAsync();
        var root = debian.Merged;
        var packages = DpkgDatabase.Read(root, CancellationToken.None).Packages;
        var layers = PackageLayering.Plan(root, packages.Count + 1, CancellationToken.None);
        Assert.Equal(packages.Count + 1, layers.Count);
        await AssertAreTheWholeAsync(root, layers);
        // A file of dash behind the link /bin, a file that dash diverts, and a file that only dpkg knows.
        var dash = Assert.Single(layers, layer => layer.Name == "dash");
        foreach (var path in (string[])["usr/bin/dash", "usr/bin/sh", "var/lib/dpkg/info/dash.postinst"])
            Assert.NotNull(dash.Tree.Find(ByteString.FromText(path).Span));
        // libc6 comes first, after the empty package that libc6 depends on.
        Assert.Contains("libc6:amd64", layers.Take(4).Select(layer => layer.Name));
        Assert.True(LengthOf(layers[^1]) < LengthOf(debian.Merged) / 10, "Most of a fresh Debian belongs to packages.");

        foreach (var available in (int[])[1, 2, 3, 24])
        {
            var fewer = PackageLayering.Plan(root, available, CancellationToken.None);
            Assert.InRange(fewer.Count, 1, available);
            Assert.True(available < 24 || fewer.Count > 20, $"{fewer.Count} of 24 layers are used.");
            await AssertAreTheWholeAsync(root, fewer);
        }

        // The other image has one more package, lacks a package, and has a changed configuration file and new directory times.
        var other = await ChangedAsync(root);
        var own = Digests(layers);
        var theirs = Digests(PackageLayering.Plan(other, packages.Count + 1, CancellationToken.None));
        Assert.Equal(["added", "rest"], theirs.Where(layer => own.GetValueOrDefault(layer.Key) != layer.Value).Select(layer => layer.Key).Order());
        Assert.Equal(["attr"], own.Keys.Except(theirs.Keys));
        var shared = Digests(PackageLayering.Plan(root, 24, CancellationToken.None)).Values.ToHashSet();
        var differing = Digests(PackageLayering.Plan(other, 24, CancellationToken.None)).Values.Count(digest => !shared.Contains(digest));
        Assert.InRange(differing, 2, 6);
    }

    [Fact]
    public async Task Rare_files_of_a_root_go_to_the_right_layers()
    {
        await MakeRootAsync();
        var root = HostTree.Read(_directory["root"], new() { Uid = 0, Gid = 0 }, CancellationToken.None);
        var layers = PackageLayering.Plan(root, 10, CancellationToken.None);
        await AssertAreTheWholeAsync(root, layers);
        var files = layers.ToDictionary(layer => layer.Name, FilesOf);
        Assert.Equal(["base", "lib:amd64", "lib:i386", "more.x", "more", "rest"], layers.Select(layer => layer.Name));
        Assert.Equal(
            ["usr/bin/tool", "usr/share/kept", "usr/share/original", "var/lib/dpkg/info/base.list", "var/lib/dpkg/info/base.postinst"],
            files["base"]);
        Assert.Equal(["usr/lib/amd64/lib.so", "usr/share/doc", "var/lib/dpkg/info/lib:amd64.list"], files["lib:amd64"]);
        Assert.Equal(["usr/lib/i386/lib.so", "var/lib/dpkg/info/lib:i386.list"], files["lib:i386"]);
        Assert.Equal(["usr/share/original.diverted", "var/lib/dpkg/info/more.list"], files["more"]);
        Assert.Equal(["usr/bin/one", "usr/bin/two", "var/lib/dpkg/info/more.x.list"], files["more.x"]);
        // A link that several packages list as a directory, configuration files, hard links across packages, dpkg's own files, the user's files.
        Assert.Equal(
            [
                "bin", "etc/base.conf", "etc/more.conf", "home/user", "usr/bin/linked", "usr/lib/amd64/linked", "var/lib/dpkg/diversions",
                "var/lib/dpkg/status",
            ],
            files["rest"]);
        Assert.Equal("package base 1, which 4 other packages need", layers[0].Reason);
        Assert.NotNull(layers[0].Tree.Find("usr/share/empty"u8));
        Assert.Null(layers[1].Tree.Find("usr/share/empty"u8));
        Assert.Same(layers[3].Tree.Find("usr/bin/one"u8), layers[3].Tree.Find("usr/bin/two"u8));
    }

    [Theory]
    [InlineData("rm -r root/var/lib/dpkg", "has no var/lib/dpkg/status")]
    [InlineData("echo odd >> root/var/lib/dpkg/diversions", "does not have three lines for each diversion")]
    [InlineData("cat root/var/lib/dpkg/status root/var/lib/dpkg/status > s; mv s root/var/lib/dpkg/status", "lists the package base twice")]
    [InlineData("printf '\\nVersion: 1\\n' >> root/var/lib/dpkg/status", "a paragraph without a package")]
    public async Task A_root_with_damaged_dpkg_records_is_refused(string spoil, string said)
    {
        await MakeRootAsync();
        await Tool.BashAsync(spoil, _directory.Path);
        var root = HostTree.Read(_directory["root"], new(), CancellationToken.None);
        var error = Assert.Throws<InputException>(() => PackageLayering.Plan(root, 10, CancellationToken.None));
        Assert.Contains(said, error.Describe(), StringComparison.Ordinal);
    }

    private Task<BaseImage> OpenDebianAsync()
    {
        var path = Environment.GetEnvironmentVariable("OVERLAYIMG_TEST_BASE")
            ?? throw new InvalidOperationException("OVERLAYIMG_TEST_BASE is not set.");
        return BaseImage.OpenAsync(new(new PathLocation(path), null, null), TestSession.Of(_lifetime, _directory["cache"]));
    }

    private Task<string> MakeRootAsync() => Tool.BashAsync(
        """
        mkdir -p root/usr/{bin,lib/amd64,lib/i386,share/empty} root/{etc,home} root/var/lib/dpkg/info; cd root; ln -s usr/bin bin
        echo tool > usr/bin/tool; echo kept > usr/share/kept; echo changed > etc/base.conf
        echo own > usr/share/original; echo d > usr/share/original.diverted
        echo 64 > usr/lib/amd64/lib.so; echo 32 > usr/lib/i386/lib.so; ln -s nowhere usr/share/doc; echo me > home/user
        echo one > usr/bin/one; ln usr/bin/one usr/bin/two; echo crossing > usr/bin/linked; ln usr/bin/linked usr/lib/amd64/linked
        echo more > etc/more.conf
        cd var/lib/dpkg
        cat > status <<'END'
        Package: base
        Status: install ok installed
        Architecture: all
        Version: 1
        Conffiles:
         /etc/base.conf 00000000000000000000000000000000 obsolete
        Description: what others need
         .
         and more

        Package: lib
        Architecture: amd64
        Multi-Arch: same
        Version: 2
        Pre-Depends: base (>= 1)

        Package: lib
        Architecture: i386
        Multi-Arch: same
        Version: 2
        Depends: base

        Package: more
        Architecture: all
        Version: 3
        Conffiles:
         /etc/more.conf 11111111111111111111111111111111
        Depends: missing | virtual,
         more.x:any

        Package: more.x
        Architecture: all
        Version: 3
        Provides: virtual (= 2)
        Depends: base [amd64], lib

        Package: gone
        Status: deinstall ok config-files
        Architecture: all
        END
        printf '%s\n' /usr/share/original /usr/share/original.diverted base > diversions
        cd info
        printf '%s\n' /. /bin /bin/tool /usr/share /usr/share/kept /usr/share/original /usr/share/empty /usr/bin/linked > base.list
        printf '%s\n' /etc/base.conf /missing >> base.list
        printf '%s\n' /. /usr/lib/amd64/lib.so /usr/lib/amd64/linked /usr/share/doc > lib:amd64.list
        printf '%s\n' /. /bin /usr/lib/i386/lib.so /usr/share/doc > lib:i386.list
        printf '%s\n' /bin /etc/more.conf /usr/share/original > more.list; printf '%s\n' /bin/one /bin/two > more.x.list; touch base.postinst
        """, _directory.Path);

    /// <summary>Returns the root with one package more, one package less, a changed configuration file, and new times of all directories.</summary>
    private async Task<FileTree> ChangedAsync(FileTree root)
    {
        var added = HostTree.Read(await AddedAsync(root), new() { Uid = 0, Gid = 0 }, CancellationToken.None);
        var merged = LayerStack.Merge([root, added], CancellationToken.None);
        return new FileTree(Touched(merged.Root, merged.Root.Metadata));
    }

    private static DirectoryNode Touched(DirectoryNode directory, Metadata metadata)
    {
        var touched = directory.Copy(metadata);
        foreach (var (name, node) in directory.UnsortedEntries)
        {
            if (node is DirectoryNode child) touched.Set(name, Touched(child, child.Metadata with { ModificationTime = new(12345) }));
        }

        return touched;
    }

    private async Task<string> AddedAsync(FileTree root)
    {
        var status = (RegularFileNode)root.Find("var/lib/dpkg/status"u8)!;
        var text = new byte[status.Content.Length];
        status.Content.Read(0, text);
        Directory.CreateDirectory(_directory["added/var/lib/dpkg/info"]);
        await File.WriteAllBytesAsync(_directory["status"], text);
        await Tool.BashAsync(
            """
            mkdir -p added/usr/share/added added/etc; echo '# changed' > added/etc/adduser.conf; echo added > added/usr/share/added/file
            awk 'BEGIN { RS = ""; ORS = "\n\n" } !/^Package: attr\n/' status > added/var/lib/dpkg/status
            printf 'Package: added\nArchitecture: all\nVersion: 1\nDepends: libc6, perl-base\n' >> added/var/lib/dpkg/status
            printf '%s\n' /. /usr /usr/share /usr/share/added /usr/share/added/file > added/var/lib/dpkg/info/added.list
            """, _directory.Path);
        return _directory["added"];
    }

    private static async Task AssertAreTheWholeAsync(FileTree root, IReadOnlyList<TreeLayer> layers)
    {
        var all = layers.SelectMany(FilesOf).ToArray();
        Assert.Equal(root.Walk().Where(entry => entry.Node is not DirectoryNode).Select(entry => entry.Path.ToString()).Order(StringComparer.Ordinal),
            all.Order(StringComparer.Ordinal));
        var merged = LayerStack.Merge(layers.Select(layer => layer.Tree), CancellationToken.None);
        Assert.Empty(await TreeComparison.CompareAsync(root, merged, withTimes: true, CancellationToken.None));
    }

    private static IEnumerable<string> FilesOf(TreeLayer layer) =>
        layer.Tree.Walk().Where(entry => entry.Node is not DirectoryNode).Select(entry => entry.Path.ToString());

    private static long LengthOf(TreeLayer layer) => LengthOf(layer.Tree);

    private static long LengthOf(FileTree tree) => tree.Walk().Sum(entry => entry.Node is RegularFileNode file ? file.Content.Length : 0);

    private static Dictionary<string, Digest> Digests(IReadOnlyList<TreeLayer> layers) => layers.ToDictionary(layer => layer.Name, layer =>
    {
        using var tar = new MemoryStream();
        TarTreeWriter.Write(layer.Tree, tar, new() { HardLinks = TarHardLinks.Preserve }, CancellationToken.None);
        return Digest.Of(tar.GetBuffer().AsSpan(0, (int)tar.Length));
    });
}
