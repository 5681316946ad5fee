using System.Text.Json.Nodes;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.Outputs;
using OverlayImg.Images.Sessions;
using OverlayImg.Images.Validation;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.Transfers;

/// <summary>Images that lack layers which may not be passed on, and artifacts, compared with copies by skopeo.</summary>
public sealed class LayersElsewhereTests : IDisposable
{
    // Makes layouts with an image whose upper layer is elsewhere, and a layout with a Helm chart.
    private const string Script = """
        import gzip, hashlib, io, json, os, tarfile
        o = 'application/vnd.oci.image.'
        def make(d, document):
            os.makedirs(d + '/blobs/sha256')
            def put(type, b, **more):
                b = b if isinstance(b, bytes) else json.dumps(b).encode()
                h = hashlib.sha256(b).hexdigest()
                open(f'{d}/blobs/sha256/{h}', 'wb').write(b)
                return {'mediaType': type, 'digest': 'sha256:' + h, 'size': len(b), **more}
            m = put(o + 'manifest.v1+json', {'schemaVersion': 2, 'mediaType': o + 'manifest.v1+json', **document(put)},
                annotations={'org.opencontainers.image.ref.name': '1'})
            open(d + '/oci-layout', 'w').write('{"imageLayoutVersion":"1.0.0"}')
            open(d + '/index.json', 'w').write(json.dumps({'schemaVersion': 2, 'manifests': [m]}))
        def tar(name):
            f = io.BytesIO(); t = tarfile.open(fileobj=f, mode='w'); t.addfile(tarfile.TarInfo(name)); t.close(); return f.getvalue()
        def sha(b): return 'sha256:' + hashlib.sha256(b).hexdigest()
        def image(urls):
            def document(put):
                f = tar('foreign')
                config = put(o + 'config.v1+json', {'architecture': 'amd64', 'os': 'linux',
                    'rootfs': {'type': 'layers', 'diff_ids': [sha(tar('own')), sha(f)]}})
                foreign = {'mediaType': o + 'layer.nondistributable.v1.tar', 'digest': sha(f), 'size': len(f), **urls}
                return {'config': config, 'layers': [put(o + 'layer.v1.tar+gzip', gzip.compress(tar('own'), mtime=0)), foreign]}
            return document
        make('foreign', image({'urls': ['https://cdn.test/layer']})); make('lost', image({}))
        make('chart', lambda put: {'config': put('application/vnd.cncf.helm.config.v1+json', {'name': 'c'}),
            'layers': [put('application/vnd.cncf.helm.chart.content.v1.tar+gzip', b'chart')]})
        """;

    private readonly TemporaryDirectory _directory = new();
    private readonly List<string> _warnings = [];

    public LayersElsewhereTests() => File.WriteAllText(_directory["make.py"], Script);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_layer_that_may_not_be_passed_on_is_not_copied_as_by_skopeo()
    {
        await Tool.BashAsync("python3 make.py && skopeo copy -q oci:foreign:1 oci:theirs:1", _directory[""]);
        await CopyAsync("foreign", "oci:ours:1");
        await CopyAsync("foreign", "oci-archive:ours.tar:1");
        Assert.Contains("1 layer of", _warnings[0], StringComparison.Ordinal);
        Assert.Equal(await BlobsAsync("theirs"), await BlobsAsync("ours"));
        Assert.Equal(DigestIn("theirs"), DigestIn("ours"));
        foreach (var layout in new[] { "foreign", "ours", "ours.tar", "theirs" }) Assert.Empty(await FindingsAsync(layout));
    }

    [Fact]
    public async Task An_archive_that_docker_loads_needs_every_layer()
    {
        await Tool.BashAsync("python3 make.py", _directory[""]);
        var error = await Assert.ThrowsAsync<InputException>(() => CopyAsync("foreign", "docker-archive:ours.tar"));
        Assert.Contains("is a layer that may not be passed on", error.Describe(), StringComparison.Ordinal);
        Assert.False(File.Exists(_directory["ours.tar"]));
    }

    [Fact]
    public async Task Copying_and_validating_both_report_a_missing_layer()
    {
        await Tool.BashAsync("python3 make.py", _directory[""]);
        await Assert.ThrowsAsync<InputException>(() => CopyAsync("lost", "oci:ours:1"));
        Assert.Contains("blob-missing", await FindingsAsync("lost"));
    }

    [Fact]
    public async Task An_artifact_is_copied_to_layouts_and_archives()
    {
        await Tool.BashAsync("python3 make.py", _directory[""]);
        await CopyAsync("chart", "oci:ours:1");
        await CopyAsync("ours", "oci-archive:a.tar:1");
        await CopyAsync("a.tar", "b.tar");
        Assert.Contains("holds an artifact", Assert.Single(_warnings), StringComparison.Ordinal);
        await Tool.BashAsync("mkdir out && tar -xf b.tar -C out && ! test -e out/manifest.json", _directory[""]);
        Assert.Equal(DigestIn("chart"), DigestIn("out"));
        Assert.Equal(await BlobsAsync("chart"), await BlobsAsync("out"));
        var error = await Assert.ThrowsAsync<InputException>(() => CopyAsync("chart", "oci:other:1", new("linux", "amd64")));
        Assert.Contains("this is an artifact, not an image", error.Describe(), StringComparison.Ordinal);
    }

    private string DigestIn(string layout) =>
        JsonNode.Parse(File.ReadAllText(_directory[$"{layout}/index.json"]))!["manifests"]![0]!["digest"]!.GetValue<string>();

    private Task<string> BlobsAsync(string layout) => Tool.BashAsync($"ls {layout}/blobs/sha256", _directory[""]);

    private async Task<string[]> FindingsAsync(string path)
    {
        using var scratch = ScratchDirectory.Create(_directory["scratch"]);
        var report = await ImageValidator.RunAsync(_directory[path], scratch, _ => new Quiet(), default);
        return [.. report.Findings.Select(finding => finding.Rule)];
    }

    private Task<ImageCopyResult> CopyAsync(string source, string target, Platform? platform = null)
    {
        var (transport, rest) = target.IndexOf(':', StringComparison.Ordinal) is >= 0 and var at
            ? (target[..(at + 1)], target[(at + 1)..])
            : ("", target);
        return TestSession.RunAsync(_directory["cache"], session => ImageCopy.RunAsync(new()
        {
            Source = ImageChoice.Parse(_directory[source], null, null, platform),
            Target = ImageOutput.Parse($"{transport}{_directory[rest]}"),
            Access = new(),
        }, session), new Listener(_warnings));
    }

    private sealed class Quiet : IProgress<int>
    {
        public void Report(int value)
        {
            // No test looks at the progress.
        }
    }

    private sealed class Listener(List<string> warnings) : IProgress<BuildEvent>
    {
        public void Report(BuildEvent value)
        {
            if (value is Warning warning) warnings.Add(warning.Text);
        }
    }
}
