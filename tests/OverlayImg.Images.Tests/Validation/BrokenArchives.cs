using System.Text.Json;
using OverlayImg.Testing;

namespace OverlayImg.Images.Tests;

/// <summary>
/// Hybrid archives of two layers, made by Python independently of the tool. Each archive has one defect, which a line
/// of Python makes at a stage. After the stages <c>entries</c> (of the upper layer), <c>layers</c>, <c>stored</c> (the
/// compressed layers and their media types), <c>config</c>, <c>manifest</c>, <c>index</c> and <c>docker</c>
/// (manifest.json), the digests of the later documents fit. After <c>files</c>, <c>members</c> (of the tar) and
/// <c>archive</c>, they do not.
/// </summary>
public sealed class BrokenArchives : IAsyncLifetime
{
    private const string Program = """
        import bz2, copy, gzip, hashlib, io, json, sys, tarfile
        from tarfile import CHRTYPE, DIRTYPE, FIFOTYPE, LNKTYPE, SYMTYPE, REGTYPE

        def sha(data): return hashlib.sha256(data).hexdigest()
        def text(document): return document if isinstance(document, bytes) else json.dumps(document).encode()

        def entry(name, type=REGTYPE, data=b'', link='', **fields):
            info = tarfile.TarInfo(name)
            info.type, info.linkname, info.size, info.mtime, info.mode = type, link, len(data), 1000, 0o755
            for key, value in fields.items(): setattr(info, key, value)
            return info, data

        def pack(entries, **options):
            packed = io.BytesIO()
            with tarfile.open(fileobj=packed, mode='w', **{'format': tarfile.GNU_FORMAT, **options}) as archive:
                for info, data in entries: archive.addfile(info, io.BytesIO(data))
            return packed.getvalue()

        def make(stage, code):
            e = dict(globals())
            def at(name):
                if name == stage: exec(code, e)
            e['entries'] = [entry('./', DIRTYPE), entry('d/', DIRTYPE), entry('d/f', data=b'upper'), entry('.wh.gone')]
            e['add'] = lambda *a, **k: e['entries'].append(entry(*a, **k))
            at('entries')
            lower = [entry('low', data=b'lower'), entry('gone', data=b'x'), entry('usr/bin', DIRTYPE), entry('usr/bin/tool', data=b't'),
                entry('bin', SYMTYPE, link='usr/bin')]
            upper_format = tarfile.PAX_FORMAT if any(i.pax_headers for i, _ in e['entries']) else tarfile.GNU_FORMAT
            e['layers'] = [pack(lower), pack(e['entries'], format=upper_format)]
            at('layers')
            e['stored'] = [e['layers'][0], gzip.compress(e['layers'][1], mtime=0)]
            oci = 'application/vnd.oci.image.'
            e['types'] = [oci + 'layer.v1.tar', oci + 'layer.v1.tar+gzip']
            at('stored')
            e['config'] = {'architecture': 'amd64', 'os': 'linux', 'created': '2020-01-02T03:04:05.678Z', 'author': 'me',
                'config': {'User': 'a:b', 'Env': ['A=b', 'E='], 'Cmd': ['sh'], 'Entrypoint': None, 'ExposedPorts': {'80/tcp': {}},
                    'Volumes': {'/v': {}}, 'Labels': {'a': 'b'}, 'StopSignal': 'SIGRTMIN+3', 'WorkingDir': '/'},
                'rootfs': {'type': 'layers', 'diff_ids': ['sha256:' + sha(layer) for layer in e['layers']]},
                'history': [{'created': '1970-01-01T00:00:01Z', 'created_by': 'a'},
                    {'created': '1970-01-01T00:00:02Z', 'empty_layer': True, 'comment': 'c'}, {'created': '1970-01-01T00:00:03Z'}], 'unknown': [1]}
            at('config')
            config = text(e['config'])
            blob = lambda kind, data: {'mediaType': kind, 'digest': 'sha256:' + sha(data), 'size': len(data)}
            e['manifest'] = {'schemaVersion': 2, 'mediaType': oci + 'manifest.v1+json', 'config': blob(oci + 'config.v1+json', config),
                'layers': [blob(kind, data) for kind, data in zip(e['types'], e['stored'])], 'annotations': {'k': 'v'}}
            at('manifest')
            manifest = text(e['manifest'])
            e['index'] = {'schemaVersion': 2, 'manifests': [{**blob(oci + 'manifest.v1+json', manifest),
                'platform': {'os': 'linux', 'architecture': 'amd64'},
                'annotations': {'io.containerd.image.name': 'docker.io/library/x:t', 'org.opencontainers.image.ref.name': 't'}}]}
            at('index')
            path = lambda data: 'blobs/sha256/' + sha(data)
            e['docker'] = [{'Config': path(config), 'RepoTags': ['x:t'], 'Layers': [path(layer) for layer in e['stored']]}]
            at('docker')
            e['files'] = {'oci-layout': b'{"imageLayoutVersion":"1.0.0"}', 'index.json': text(e['index']), 'manifest.json': text(e['docker']),
                **{path(data): data for data in [config, manifest, *e['stored']]}}
            e.update(config_path=path(config), layer_paths=[path(layer) for layer in e['stored']])
            at('files')
            e['members'] = [entry('blobs/', DIRTYPE), entry('blobs/sha256/', DIRTYPE)]
            e['members'] += [entry(name, data=data) for name, data in sorted(e['files'].items())]
            e['add'] = lambda *a, **k: e['members'].append(entry(*a, **k))
            at('members')
            e['archive'] = pack(e['members'])
            at('archive')
            return e['archive']

        for number, (stage, code) in enumerate(json.load(sys.stdin)):
            with open('%d.tar' % number, 'wb') as file: file.write(make(stage, code))
        """;

    private readonly TemporaryDirectory _directory = new();

    /// <summary>The path of the archive for a case of <see cref="ValidationRuleTests.Cases"/>, by the case's index.</summary>
    public string this[int number] => _directory[$"{number}.tar"];

    public async ValueTask InitializeAsync()
    {
        var cases = ValidationRuleTests.Cases.Select(row => new[] { row.Stage, row.Code });
        using var input = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(cases));
        (await Tool.RunAsync("python3", ["-c", Program], input, _directory.Path)).Succeeded();
    }

    public ValueTask DisposeAsync()
    {
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }
}
