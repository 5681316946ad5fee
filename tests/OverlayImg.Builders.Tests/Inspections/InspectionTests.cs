using OverlayImg.Builders.Inspections;
using OverlayImg.Images.Locations;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.Inspections;

public sealed class InspectionTests
{
    // Each image of manifest.json can have its own history while all images have the same layers.
    private const string Make = """
        import hashlib, io, json, tarfile
        def pack(entries):
            b = io.BytesIO(); t = tarfile.open(fileobj=b, mode='w')
            for name, data in entries: i = tarfile.TarInfo(name); i.size = len(data); t.addfile(i, io.BytesIO(data))
            t.close(); return b.getvalue()
        layer = pack([('f', b'x')]); entries = [('0.tar', layer)]; images = []
        for number in range(20):
            step = {'created': '2020-01-01T00:00:00Z', 'created_by': 'step %d' % (number // 10)}
            config = json.dumps({'architecture': 'amd64', 'os': 'linux', 'history': [step],
                'rootfs': {'type': 'layers', 'diff_ids': ['sha256:' + hashlib.sha256(layer).hexdigest()]}}).encode()
            entries.append(('%d.json' % number, config))
            images.append({'Config': '%d.json' % number, 'RepoTags': ['a:%d' % number], 'Layers': ['0.tar']})
        open('images.tar', 'wb').write(pack(entries + [('manifest.json', json.dumps(images).encode())]))
        """;

    [Fact]
    public async Task Images_with_the_same_layers_share_the_counts_of_the_layers()
    {
        using var directory = new TemporaryDirectory();
        (await Tool.RunAsync("python3", ["-c", Make], directory: directory.Path)).Succeeded();
        var reports = await TestSession.RunAsync(
            directory["cache"], session => ImageInspection.RunAsync(new(new PathLocation(directory["images.tar"]), null, null), session));
        Assert.Equal(20, reports.Count);
        Assert.Equal(Enumerable.Range(0, 20).Select(number => $"a:{number}"), reports.Select(report => report.Image.DisplayName));
        Assert.Equal(["step 0", "step 1"], reports.Select(report => report.Layers[0].CreatedBy!.CreatedBy!).Distinct());
        // Without sharing, a thousand images of one layer would read the layer a thousand times.
        Assert.All(reports, report => Assert.Same(reports[0].Layers[0].Counts, report.Layers[0].Counts));
    }
}
