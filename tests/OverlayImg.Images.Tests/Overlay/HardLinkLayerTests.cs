using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.Images.Overlay;
using OverlayImg.Images.Sources;

namespace OverlayImg.Images.Tests;

/// <summary>
/// Hard links whose targets come later in the same layer. At that point the name still means the lower layer's file, as
/// umoci unpacks such links.
/// </summary>
public sealed class HardLinkLayerTests : IDisposable
{
    private const string Make = """
        import hashlib, io, json, os, sys, tarfile
        def pack(entries):
            b = io.BytesIO(); t = tarfile.open(fileobj=b, mode='w')
            for e in entries.split():
                n, mark, v = next(e.partition(m) for m in '=<>/' if m in e); i = tarfile.TarInfo(n)
                if mark == '=': i.size = len(v)
                else: i.type, i.linkname = {'<': tarfile.LNKTYPE, '>': tarfile.SYMTYPE, '/': tarfile.DIRTYPE}[mark], v
                if mark == '/': i.mode = 0o755
                t.addfile(i, io.BytesIO(v.encode()))
            t.close(); return b.getvalue()
        def put(data):
            data = data if isinstance(data, bytes) else json.dumps(data).encode(); digest = hashlib.sha256(data).hexdigest()
            open('l/blobs/sha256/' + digest, 'wb').write(data); return {'digest': 'sha256:' + digest, 'size': len(data)}
        os.makedirs('l/blobs/sha256'); o = 'application/vnd.oci.image.'; layers = [put(pack(a)) for a in sys.argv[1:]]
        c = put({'architecture': 'amd64', 'os': 'linux', 'config': {}, 'rootfs': {'type': 'layers', 'diff_ids': [l['digest'] for l in layers]}})
        m = put({'schemaVersion': 2, 'mediaType': o + 'manifest.v1+json', 'config': {'mediaType': o + 'config.v1+json', **c},
            'layers': [{'mediaType': o + 'layer.v1.tar', **l} for l in layers]})
        open('l/oci-layout', 'w').write('{"imageLayoutVersion":"1.0.0"}')
        entry = {'mediaType': o + 'manifest.v1+json', **m, 'annotations': {'org.opencontainers.image.ref.name': '1'}}
        open('l/index.json', 'w').write(json.dumps({'schemaVersion': 2, 'manifests': [entry]}))
        """;

    private readonly ArchiveBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("y=old", "x<y y=new")]
    [InlineData("y=old", "x<y z<x x=new y=newer")]
    [InlineData("d/ d/y=old", "x<d/y d=file")]
    [InlineData("d/ d/y=old e/ e/y=other", "x<d/y d>e")]
    [InlineData("usr/ usr/f=old", "usr/f=new x<usr/f")]
    [InlineData("y=old", "x<y y=new", "z<x x=newest")]
    [InlineData("y=old", "x<y y/ y/in=new")]
    public async Task The_merged_layers_equal_what_umoci_unpacks(params string[] layers)
    {
        await File.WriteAllTextAsync(_bench["make.py"], Make, TestContext.Current.CancellationToken);
        var arguments = string.Join(' ', layers.Select(layer => $"'{layer}'"));
        var unpacked = await _bench.BashAsync($"python3 make.py {arguments}; umoci unpack --image l:1 b >&2; cd b/rootfs; " +
            "for f in x z; do [ ! -e $f ] || echo \"$f=$(cat $f)\"; done");
        using var scratch = ScratchDirectory.Create(_bench["scratch"]);
        using var source = ImageSource.OpenLayout(_bench["l"]);
        var pile = new LayerPile();
        var contents = source.Images[0].Layers.Select(layer => layer.Open(scratch, TestContext.Current.CancellationToken)).ToArray();
        var trees = contents.Select(content => pile.Add(content.ReadTree(TestContext.Current.CancellationToken),
            TestContext.Current.CancellationToken)).ToArray();
        var merged = LayerStack.Merge(trees, TestContext.Current.CancellationToken);
        Assert.Equal(unpacked, string.Concat(((string[])["x", "z"]).Select(name => Line(merged, name))));
        foreach (var content in contents) content.Dispose();
    }

    private static string Line(FileTree tree, string name)
    {
        if (tree.Find(Trees.Bytes(name).Span) is not RegularFileNode file) return "";
        var bytes = new byte[file.Content.Length];
        file.Content.Read(0, bytes);
        return $"{name}={System.Text.Encoding.ASCII.GetString(bytes)}\n";
    }
}
