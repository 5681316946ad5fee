using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.Images.Sources;

namespace OverlayImg.Images.Tests;

/// <summary>Archives that were repacked by programs that write sparse members. The images stay the same.</summary>
public sealed class SparseMemberTests : IDisposable
{
    private const string Make = """
        import hashlib, io, json, os, tarfile
        def layer():
            b = io.BytesIO(); t = tarfile.open(fileobj=b, mode='w'); data = b'x' + bytes(3 << 20) + b'y'
            i = tarfile.TarInfo('big'); i.size = len(data); t.addfile(i, io.BytesIO(data)); t.close(); return b.getvalue()
        def put(data):
            data = data if isinstance(data, bytes) else json.dumps(data).encode(); digest = hashlib.sha256(data).hexdigest()
            open('d/blobs/sha256/' + digest, 'wb').write(data); return {'digest': 'sha256:' + digest, 'size': len(data)}
        os.makedirs('d/blobs/sha256'); o = 'application/vnd.oci.image.'; l = put(layer())
        c = put({'architecture': 'amd64', 'os': 'linux', 'rootfs': {'type': 'layers', 'diff_ids': [l['digest']]}})
        m = put({'schemaVersion': 2, 'mediaType': o + 'manifest.v1+json', 'config': {'mediaType': o + 'config.v1+json', **c},
            'layers': [{'mediaType': o + 'layer.v1.tar', **l}]})
        open('d/oci-layout', 'w').write('{"imageLayoutVersion":"1.0.0"}')
        open('d/index.json', 'w').write(json.dumps({'schemaVersion': 2, 'manifests': [{'mediaType': o + 'manifest.v1+json', **m}]}))
        path = lambda b: 'blobs/sha256/' + b['digest'][7:]
        if DOCKER: open('d/manifest.json', 'w').write(json.dumps([{'Config': path(c), 'RepoTags': ['s:1'], 'Layers': [path(l)]}]))
        """;

    private readonly ArchiveBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("tar --format=gnu -S")]
    [InlineData("tar --format=posix -S --sparse-version=0.0")]
    [InlineData("tar --format=posix -S --sparse-version=0.1")]
    [InlineData("tar --format=posix -S --sparse-version=1.0")]
    [InlineData("bsdtar --format=pax --read-sparse")]
    public async Task A_sparse_member_is_read_with_its_holes_as_zeros(string program)
    {
        foreach (var docker in (string[])["True", "False"])
        {
            await _bench.BashAsync($"rm -rf d; python3 - <<'END'\nDOCKER = {docker}\n{Make}\nEND\n" +
                $"for f in d/blobs/sha256/*; do fallocate -d $f; done; {program} -cf s.tar -C d .");
            Assert.Equal("sparse", (await _bench.BashAsync("[ $(stat -c %s s.tar) -lt 1000000 ] && echo sparse")).Trim());
            using var scratch = ScratchDirectory.Create(_bench[$"scratch-{docker}"]);
            using var source = await ImageSource.OpenAsync(_bench["s.tar"], scratch, TestContext.Current.CancellationToken);
            var layer = Assert.Single(Assert.Single(source.Images).Layers);
            await layer.VerifyAsync(null, TestContext.Current.CancellationToken);
            using var content = layer.Open(scratch, TestContext.Current.CancellationToken);
            await content.VerifyAsync(TestContext.Current.CancellationToken);
            var file = (FileSystems.RegularFileNode)content.ReadTree(TestContext.Current.CancellationToken).Tree.Find("big"u8)!;
            Assert.Equal((3 << 20) + 2, file.Content.Length);
            var report = Validation.Of(_bench["s.tar"]);
            Assert.Equal(["archive-sparse"], report.Findings.Select(finding => finding.Rule).Distinct());
        }
    }
}
