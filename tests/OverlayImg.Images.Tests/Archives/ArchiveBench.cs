using System.Globalization;
using System.Text;
using System.Text.Json;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.Images.Compression;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Layers;
using OverlayImg.Images.Overlay;
using OverlayImg.Images.Sources;
using OverlayImg.Testing;

namespace OverlayImg.Images.Tests;

/// <summary>A temporary directory where tests make image archives with GNU tar and Python, and read them.</summary>
public sealed class ArchiveBench : IDisposable
{
    private static readonly string[] Environment = ["PATH=/bin"];
    private readonly TemporaryDirectory _directory = new();
    private readonly ScratchDirectory _scratch;
    private int _next;

    public ArchiveBench() => _scratch = ScratchDirectory.Create(_directory["scratch"]);

    public string this[string name] => _directory[name];

    public void Dispose()
    {
        _scratch.Dispose();
        _directory.Dispose();
    }

    /// <summary>Runs a script in the bench's directory.</summary>
    public Task<string> BashAsync(string script) => Tool.BashAsync(script, _directory.Path);

    /// <summary>
    /// Runs <paramref name="script"/> in an empty directory, packs the directory, and returns the path of the
    /// uncompressed tar.
    /// </summary>
    public async Task<string> LayerAsync(string script, string members = "--sort=name .")
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"layer{++_next}");
        Directory.CreateDirectory(this[name]);
        await Tool.BashAsync(script, this[name]);
        await BashAsync($"tar --format=pax --pax-option=delete=atime,delete=ctime --xattrs --xattrs-include='*' --mtime=@1000 -C {name} " +
            $"-cf {name}.tar {members}");
        return this[name + ".tar"];
    }

    /// <summary>
    /// Makes a tar with Python's tarfile. <paramref name="code"/> adds entries by
    /// <c>add(name, type, linkname, data)</c>.
    /// </summary>
    public async Task<string> CraftAsync(string code) => (await CraftAsync([code]))[0];

    /// <summary>Makes several tars with one run of Python.</summary>
    public async Task<string[]> CraftAsync(IEnumerable<string> codes)
    {
        var program = new StringBuilder("""
            import io, tarfile
            def add(name, type=tarfile.REGTYPE, linkname='', data=b''):
                info = tarfile.TarInfo(name)
                info.type, info.linkname, info.size, info.mtime = type, linkname, len(data), 1000
                info.mode = 0o755 if type == tarfile.DIRTYPE else 0o644
                t.addfile(info, io.BytesIO(data))
            LINK, DIR, SYM = tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE

            """);
        var names = new List<string>();
        foreach (var code in codes)
        {
            names.Add(string.Create(CultureInfo.InvariantCulture, $"crafted{++_next}.tar"));
            program.Append(CultureInfo.InvariantCulture, $"t = tarfile.open('{names[^1]}', 'w', format=tarfile.GNU_FORMAT)\n{code}\nt.close()\n");
        }

        (await Tool.RunAsync("python3", ["-c", program.ToString()], directory: _directory.Path)).Succeeded();
        return [.. names.Select(name => this[name])];
    }

    /// <summary>
    /// Makes a docker-archive in the form of dockerTools (<c>HEX.json</c>, <c>ID/layer.tar</c>). The script
    /// <paramref name="change"/> changes the directory before it is packed.
    /// </summary>
    public async Task<string> PackAsync(IReadOnlyList<string> layers, string change = "", string[]? tags = null, string tarOptions = "--sort=name",
        string os = "linux", string? members = null)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"archive{++_next}");
        Directory.CreateDirectory(this[name]);
        string[] diffIds = [.. layers.Select(layer => Digest.Of(File.ReadAllBytes(layer)).ToString())];
        var config = JsonSerializer.Serialize(new
        {
            architecture = "amd64",
            os,
            config = new { Env = Environment },
            rootfs = new { type = "layers", diff_ids = diffIds }
        });
        var configName = Digest.Of(ByteString.FromText(config).Span).Hex + ".json";
        await File.WriteAllTextAsync(Path.Combine(this[name], configName), config);
        var layerNames = new List<string>();
        foreach (var layer in layers)
        {
            var layerName = string.Create(CultureInfo.InvariantCulture, $"{layerNames.Count:x64}/layer.tar");
            Directory.CreateDirectory(Path.Combine(this[name], Path.GetDirectoryName(layerName)!));
            File.Copy(layer, Path.Combine(this[name], layerName));
            layerNames.Add(layerName);
        }

        await File.WriteAllTextAsync(Path.Combine(this[name], "manifest.json"),
            JsonSerializer.Serialize(new[] { new { Config = configName, RepoTags = tags, Layers = layerNames } }));
        await Tool.BashAsync(change, this[name]);
        await BashAsync($"tar {tarOptions} --owner=0 --group=0 -C {name} -cf {name}.tar {members ?? "."}");
        return this[name + ".tar"];
    }

    /// <summary>Opens an archive.</summary>
    public Task<ImageSource> OpenAsync(string path) => ImageSource.OpenAsync(path, _scratch, TestContext.Current.CancellationToken);

    /// <summary>Opens an archive from standard input.</summary>
    public ImageSource OpenInput(Stream input) => ImageSource.Open("-", input, new(_scratch, SpoolLimits.Default),
        TestContext.Current.CancellationToken);

    /// <summary>Reads, verifies and merges the layers of the first image, and lists the merged tree.</summary>
    public async Task<string[]> ListAsync(string path)
    {
        using var archive = await OpenAsync(path);
        return await ListAsync(archive.Select(null, null, null, out _));
    }

    /// <summary>Reads, verifies and merges the layers of an image, and lists the merged tree.</summary>
    public async Task<string[]> ListAsync(Image image)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var contents = new List<LayerContent>();
        try
        {
            var merged = new FileTree();
            foreach (var layer in image.Layers)
            {
                var content = layer.Open(_scratch, cancellation);
                contents.Add(content);
                await content.VerifyAsync(cancellation);
                var overlay = content.ReadTree(cancellation);
                merged = LayerStack.Merge([merged, overlay.DependsOnLower ? overlay.CompleteAgainst(merged) : overlay.Tree], cancellation);
            }

            return TreeListing.Of(merged);
        }
        finally
        {
            contents.ForEach(content => content.Dispose());
        }
    }

    /// <summary>Unpacks the archive with umoci, and lists the result.</summary>
    public async Task<string[]> UnpackWithUmociAsync(string archive)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"umoci{++_next}");
        await BashAsync($"skopeo --insecure-policy copy -q docker-archive:{archive} oci:{name}:t && umoci unpack --image {name}:t {name}-bundle");
        return await DirectoryListing.OfAsync(this[$"{name}-bundle/rootfs"]);
    }
}
