using OverlayImg.Images.Locations;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.Pages;

/// <summary>Images whose names, commands and settings try to become markup, code or terminal control, and a harmless image.</summary>
internal static class PageImages
{
    private const string Make = """
        import hashlib, io, json, tarfile
        def pack(entries, **kind):
            b = io.BytesIO(); t = tarfile.open(fileobj=b, mode='w', format=tarfile.PAX_FORMAT, encoding='utf-8', errors='surrogateescape')
            for name, data in entries:
                i = tarfile.TarInfo(name)
                if isinstance(data, str): i.type, i.linkname = (tarfile.LNKTYPE if data[0] == '=' else tarfile.SYMTYPE), data[1:]; data = b''
                i.size = len(data); t.addfile(i, io.BytesIO(data))
            t.close(); return b.getvalue()
        def image(path, name, layers, config, commands):
            packed = [pack(layer) for layer in layers]
            config['rootfs'] = {'type': 'layers', 'diff_ids': ['sha256:' + hashlib.sha256(layer).hexdigest() for layer in packed]}
            config['history'] = [{'created_by': command} for command in commands]
            manifest = [{'Config': 'c.json', 'RepoTags': [name], 'Layers': ['%d.tar' % i for i in range(len(packed))]}]
            entries = [('%d.tar' % i, layer) for i, layer in enumerate(packed)] + [('c.json', json.dumps(config).encode())]
            open(path, 'wb').write(pack(entries + [('manifest.json', json.dumps(manifest).encode())]))
        evil = ['</script><img src=x onerror=alert(1)>', '"><svg onload=alert(1)>', "'-alert(1)-'", '\u2028\u2029\u202etxt.exe', 'new\nline\x1b[2J',
            '\udcff\udcfe', '<!--', ']]>', '&lt;b&gt;', 'back\\slash', '{{script}}', '${alert(1)}', '`', '__proto__', 'constructor', 'x' * 250]
        files = [('d/' + name, b'x' * (1000 - i)) for i, name in enumerate(evil)]
        config = {'architecture': 'amd64</script>', 'os': 'linux', 'variant': '<!--', 'created': '</title><script>alert(1)</script>', 'config': {
            'Cmd': ['</script><script>alert(1)</script>'], 'Env': ['A=<img src=x onerror=alert(1)>\u2028'],
            'Labels': {'<b>"\'': '</style><script>\u202e'}}}
        image('hostile.tar', 'evil</title><script>alert(1)</script>{{data}}:1', [files + [('l', '></b>'), ('h', b'h' * 100), ('h2', '=h')],
            [('d/.wh.<!--', b''), ("d/'-alert(1)-'", b'new')]], config, ['</script><script>alert(1)</script>\x1b[2J', '<img src=x onerror=alert(2)>'])
        changed = [(name, b'changed' if name == 'd/]]>' else data) for name, data in files if '&lt;' not in name] + [('d/new<td>', b'n' * 70)]
        image('edited.tar', '"><b>:2', [changed + [('l', '><i>'), ('h', b'h' * 100), ('h2', '=h')]],
            {'architecture': 'amd64</script>', 'os': 'linux', 'config': {'Env': ['A=</script>'], 'User': '<script>'}},
            ['<script>alert(3)</script>'])
        image('harmless.tar', 'a:1', [[('f', b'x')]], {'architecture': 'amd64', 'os': 'linux'}, ['COPY f /'])
        """;

    /// <summary>Writes <c>hostile.tar</c>, <c>edited.tar</c> with some of its files, and <c>harmless.tar</c>.</summary>
    public static async Task WriteAsync(string directory) =>
        (await Tool.RunAsync("python3", ["-c", Make], directory: directory)).Succeeded();

    public static ImageChoice Choice(string path) => new(new PathLocation(path), null, null);
}
