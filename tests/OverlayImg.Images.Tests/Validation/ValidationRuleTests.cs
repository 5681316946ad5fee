using OverlayImg.Images.Validation;

namespace OverlayImg.Images.Tests;

/// <summary>For each rule of validation, an archive that breaks this rule and only rules that depend on it.</summary>
public sealed class ValidationRuleTests(BrokenArchives archives) : IClassFixture<BrokenArchives>
{
    /// <summary>
    /// The stage of <see cref="BrokenArchives"/>, the Python code that makes the defect, and the expected findings.
    /// Warnings are in parentheses.
    /// </summary>
    public static IReadOnlyList<(string Stage, string Code, string Rules)> Cases { get; } =
    [
        ("files", "pass", ""),
        ("entries", "add('hard', LNKTYPE, link='d/f')", ""),
        ("entries", "add('hard', LNKTYPE, link='/low')", ""),
        ("entries", "add('hard', LNKTYPE, link='bin/tool')", ""),
        ("entries", "add('d/new', data=b'1'); add('.wh.new'); add('d/.wh..wh..opq'); add('null', CHRTYPE, devmajor=1, devminor=3); " +
            "add('p', FIFOTYPE)", ""),
        ("stored", "stored[0] = gzip.compress(layers[0][:999]) + gzip.compress(layers[0][999:]) ; types[0] = types[1]", ""),
        ("config", "del config['history']; config['config'] = None; config['rootfs']['x'] = 1", ""),
        ("config", "config['config'].update(User='1000:1', ExposedPorts={'80': {}, '53/udp': {}}, StopSignal='9', " +
            "Env=None, Cmd=None, Labels=None)", ""),
        ("index", "del index['manifests'][0]['annotations']; del index['manifests'][0]['platform']", ""),
        ("index", "index['manifests'].append(copy.deepcopy(index['manifests'][0])); " +
            "index['manifests'][1]['annotations']['io.containerd.image.name'] = 'docker.io/library/y:t'", "(hybrid-names)"),
        ("docker", "docker[0]['RepoTags'].append('y:t'); docker[0]['Layers'][0] = './' + docker[0]['Layers'][0]", "(hybrid-names)"),
        ("files", "for name in ['index.json', 'oci-layout']: del files[name]", ""),
        ("files", "del files['manifest.json']", ""),
        ("entries", "add('d/f', data=b'again')", "layer-duplicate"),
        ("entries", "add('./d/')", "layer-duplicate"),
        ("entries", "for number in range(1000): add('.wh./%d' % number)", "layer-whiteout"),
        ("entries", "add('.wh.')", "layer-whiteout"),
        ("entries", "add('d/.wh..')", "layer-whiteout"),
        ("entries", "add('.wh...')", "layer-whiteout"),
        ("entries", "add('.wh.dir/file')", "layer-whiteout-directory"),
        ("entries", "add('.wh.low', data=b'1')", "(layer-whiteout-type)"),
        ("entries", "add('.wh.low', DIRTYPE)", "(layer-whiteout-type)"),
        ("entries", "add('.wh..wh.plnk/1.2')", "(layer-aufs)"),
        ("entries", "add('dev', CHRTYPE)", "(layer-overlay-whiteout)"),
        ("entries", "entries[0] = entry('./', SYMTYPE, link='/')", "layer-root"),
        ("entries", "add('/low')", "(layer-name-absolute)"),
        ("entries", "add('d/../new')", "layer-name"),
        ("entries", "add('a/' + 'n' * 256)", "layer-name"),
        ("entries", "add('n/' * 2100 + 'n')", "layer-name"),
        ("entries", "add('hard', LNKTYPE, link='nothing')", "layer-hard-link"),
        ("entries", "add('hard', LNKTYPE, link='d')", "layer-hard-link"),
        ("entries", "add('hard', LNKTYPE, link='hard')", "layer-hard-link"),
        ("entries", "add('hard', LNKTYPE, link='later'); add('later')", "(layer-hard-link-order)"),
        ("entries", "add('hard', LNKTYPE)", "layer-link-target"),
        ("entries", "add('soft', SYMTYPE)", "layer-link-target"),
        ("entries", "add('odd', b'Z')", "layer-type"),
        ("entries", "add('label', b'V')", "layer-type"),
        ("entries", "add('sparse', data=b'x', pax_headers={'GNU.sparse.size': '9', 'GNU.sparse.numblocks': '1', 'GNU.sparse.map': '3,1'})",
            "(layer-sparse)"),
        ("entries", "add('owned', uid=-7)", "layer-owner"),
        ("entries", "add('f'); add('f/below')", "layer-parent"),
        ("entries", "add('f'); add('f/far/below')", "layer-parent"),
        ("entries", "add('link', SYMTYPE, link='d'); add('link/below')", ""),
        ("entries", "add('soft', SYMTYPE, link='low', data=tarfile.TarInfo('inner').tobuf(tarfile.GNU_FORMAT))", "layer-entry-size"),
        ("entries", "add('x', pax_headers={'SCHILY.xattr.trusted.overlay.opaque': 'y'})", "(layer-overlay-attribute)"),
        ("entries", "add('x', pax_headers={'SCHILY.xattr.user.overlay.redirect': '/etc'})", "(layer-overlay-attribute)"),
        ("entries", "add('x', pax_headers={'LIBARCHIVE.xattr.user.a': '!'})", "layer-attributes"),
        ("config", "del config['history'][1]['created']", "(config-history-created)"),
        ("config", "more = [pack([entry('l%d' % n)]) for n in range(124)]; layers += more; stored += more; types += [types[0]] * 124; " +
            "del config['history']; config['rootfs']['diff_ids'] += ['sha256:' + sha(layer) for layer in more]", "(image-layers)"),
        ("archive", "archive = pack(members + [entry('extra', data=b'x', pax_headers=" +
            "{'GNU.sparse.size': '9', 'GNU.sparse.numblocks': '1', 'GNU.sparse.map': '3,1'})], format=tarfile.PAX_FORMAT)", "(archive-sparse)"),
        ("config", "config['config']['cmd'] = ['x']", "config-name"),
        ("config", "config['config']['Volumes'] = {'srv': {}}", "config-volume"),
        ("config", "config['config']['WorkingDir'] = 'srv'", "config-working-dir"),
        ("config", "config['config']['WorkingDir'] = 'C:\\\\srv'", ""),
        ("config", "config['config']['StopSignal'] = 'SIGNOTHING'", "config-stop-signal"),
        ("config", "config['config']['StopSignal'] = '65'", "config-stop-signal"),
        ("config", "config['config']['StopTimeout'] = '5'", "config-type"),
        ("config", "config['config']['Hostname'] = 1", "config-type"),
        ("config", "config['config']['Healthcheck'] = 'x'", "config-type"),
        ("config", "config['config']['Healthcheck'] = {'Test': ['CMD', 'x'], 'Interval': 0, 'Timeout': 1000000, 'Retries': 3}", ""),
        ("config", "config['config']['Healthcheck'] = {'Test': 'x'}", "config-type"),
        ("config", "config['config']['Healthcheck'] = {'Test': ['x']}", "config-healthcheck"),
        ("config", "config['config']['Healthcheck'] = {'Interval': 5}", "config-healthcheck"),
        ("config", "config['config']['Healthcheck'] = {'Retries': -1}", "config-healthcheck"),
        ("entries", "add('owned', gid=1 << 33)", "layer-owner"),
        ("entries", "add('dev', CHRTYPE, devmajor=5000)", "layer-device"),
        ("layers", "layers[1] = pack(entries, format=tarfile.PAX_FORMAT, pax_headers={'comment': 'c'})", "(layer-global-header)"),
        ("layers", "layers[1] = layers[1][:1538]", "layer-tar"),
        ("layers", "layers[1] = layers[1][:600] + b'!' + layers[1][601:]", "layer-tar"),
        ("stored", "stored[1] = gzip.compress(layers[0])", "layer-diff-id"),
        ("stored", "stored[1] += gzip.compress(b'behind the end')", "layer-diff-id"),
        ("stored", "stored[0] += b'behind the end'", "layer-diff-id"),
        ("stored", "stored[1] = stored[1][:-9]", "layer-compression"),
        ("stored", "stored[1] = stored[1][:50] + bytes([stored[1][50] ^ 255]) + stored[1][51:]", "layer-compression"),
        ("stored", "types[1] = types[0]", "layer-media-type"),
        ("stored", "types[0] = types[1].replace('gzip', 'zstd')", "layer-media-type"),
        ("stored", "types[0] = 'application/vnd.docker.image.rootfs.diff.tar'", "media-type-family"),
        ("config", "del config['os']", "config-platform"),
        ("config", "config['architecture'] = ''", "config-platform"),
        ("config", "config['created'] = 'yesterday'", "config-created"),
        ("config", "config['created'] = '2020-01-02 03:04:05Z'", "config-created"),
        ("config", "config['author'] = 1", "config-type"),
        ("config", "config['config'] = []", "config-type"),
        ("config", "config['config']['Cmd'] = 'sh'", "config-type"),
        ("config", "config['config']['Labels'] = {'a': 1}", "config-type"),
        ("config", "config['config']['Volumes'] = ['/v']", "config-type"),
        ("config", "config['config']['Volumes'] = {'/v': {'a': 1}}", "config-type"),
        ("config", "config['config']['Volumes'] = {'': {}}", "config-volume"),
        ("config", "config['config']['ExposedPorts'] = {'80/http': {}}", "config-port"),
        ("config", "config['config']['ExposedPorts'] = {'65536': {}}", "config-port"),
        ("config", "config['config']['Env'] = ['A']", "config-env"),
        ("config", "config['config']['Env'] = ['=a']", "config-env"),
        ("config", "config['config']['Env'] = ['A=\\0']", "config-env"),
        ("config", "config['config']['User'] = 'a:b:c'", "config-user"),
        ("config", "config['config']['User'] = 'a b'", "config-user"),
        ("config", "config['config']['StopSignal'] = 'term'", "config-stop-signal"),
        ("config", "config['rootfs']['type'] = 'other'", "config-rootfs"),
        ("config", "config['rootfs']['diff_ids'][0] = 'sha256:x'", "config-diff-id"),
        ("config", "config['rootfs']['diff_ids'][0] = 'sha256:' + '0' * 64", "layer-diff-id"),
        ("config", "config['rootfs']['diff_ids'].pop(); config['history'].pop()", "layers-diff-ids"),
        ("config", "config['history'].append({'created': '1970-01-01T00:00:04Z'})", "config-history"),
        ("config", "config['history'][0]['empty_layer'] = 'yes'", "config-type"),
        ("config", "config = text(config)[:-1] + b',\"os\":\"linux\"}'", "json-duplicate-key"),
        ("config", "config = text(config)[:-1] + b',\"x\":\"\\xff\"}'", "json-utf-8"),
        ("config", "config = text(config)[:-1] + b',\"x\":\"\\\\ud800\"}'", "json-unicode"),
        ("config", "config = text(config)[:-1]", "json"),
        ("config", "config['x'] = ' ' * (5 << 20)", "document-size hybrid-agreement"),
        ("manifest", "manifest['schemaVersion'] = 1", "schema-version"),
        ("manifest", "del manifest['schemaVersion']", "schema-version"),
        ("manifest", "manifest['mediaType'] += 'x'", "document-media-type"),
        ("manifest", "manifest['manifests'] = []", "manifest-and-index"),
        ("manifest", "manifest['layers'].pop()", "layers-diff-ids"),
        ("manifest", "manifest['layers'] = None", "manifest-layers layers-diff-ids"),
        ("manifest", "del manifest['config']", "manifest-config hybrid-agreement"),
        ("manifest", "manifest['annotations']['k'] = 1", "annotations"),
        ("manifest", "manifest['layers'][0]['digest'] = 'sha256:' + sha(stored[0]).upper()", "descriptor-digest"),
        ("manifest", "manifest['layers'][0]['digest'] = 'sha256:../x'", "descriptor-digest"),
        ("manifest", "manifest['layers'][0]['digest'] = 'sha256:' + '0' * 64", "blob-missing"),
        ("manifest", "manifest['layers'][0]['size'] += 1", "blob-size"),
        ("manifest", "manifest['layers'][0]['size'] = -1", "descriptor-size"),
        ("manifest", "manifest['layers'][0]['size'] = 1.5", "descriptor-size"),
        ("manifest", "manifest['layers'][0]['mediaType'] = 'a layer'", "descriptor-media-type"),
        ("manifest", "del manifest['layers'][0]['mediaType']", "descriptor-media-type"),
        ("manifest", "manifest['layers'][0]['data'] = 'YWI='", "descriptor-data"),
        ("manifest", "manifest['layers'][0]['data'] = '!'", "descriptor-data"),
        ("manifest", "manifest['layers'][0]['urls'] = [1]", "descriptor-type"),
        ("manifest", "manifest['layers'][0]['platform'] = {'os': 'linux'}", "descriptor-platform"),
        ("index", "index['manifests'] = None", "index-manifests hybrid-agreement"),
        ("index", "index['manifests'] = []", "(index-empty) hybrid-agreement"),
        ("index", "index['layers'] = []", "manifest-and-index"),
        ("index", "index['manifests'][0]['mediaType'] = 'application/x-other'", "(index-media-type) hybrid-agreement"),
        ("index", "index['manifests'][0]['annotations']['org.opencontainers.image.ref.name'] = 'a b'", "(ref-name)"),
        ("index", "index = b'[' * 100 + b']' * 100", "json hybrid-agreement"),
        ("docker", "docker = None", "docker-manifest hybrid-agreement"),
        ("docker", "docker = []", "(docker-empty) hybrid-agreement"),
        ("docker", "docker[0]['RepoTags'] = None", "(docker-tags-null) (hybrid-names)"),
        ("docker", "docker[0]['RepoTags'].append('x')", "docker-tags"),
        ("docker", "docker[0]['RepoTags'].append('X:t')", "docker-tags"),
        ("docker", "docker[0]['RepoTags'].append('x:t')", "docker-tags"),
        ("docker", "docker[0]['Config'] = 'gone.json'", "docker-config hybrid-agreement"),
        ("docker", "docker[0]['Layers'][0] = ''", "docker-layer"),
        ("docker", "docker[0]['Layers'][0] = 'gone.tar'", "docker-layer"),
        ("docker", "docker[0]['Layers'].pop()", "layers-diff-ids"),
        ("docker", "docker.append(docker[0] | {'Config': 'other.json', 'RepoTags': []}); globals()['other'] = text({**config, 'author': 'you'})",
            "docker-config"),
        ("files", "files['%064x.json' % 1] = files[config_path]; " +
            "files['manifest.json'] = files['manifest.json'].replace(config_path.encode(), b'%064x.json' % 1)", "docker-config-name"),
        ("files", "files['repositories'] = b'[]'", "docker-repositories"),
        ("files", "del files['oci-layout']", "layout-version"),
        ("files", "files['oci-layout'] = b'{\"imageLayoutVersion\":\"2.0.0\"}'", "layout-version"),
        ("files", "del files['index.json']", "layout-index hybrid-agreement"),
        ("files", "for name in ['index.json', 'oci-layout', 'manifest.json']: del files[name]", "archive-no-image"),
        ("files", "del files[layer_paths[0]]", "blob-missing docker-layer"),
        ("files", "files[layer_paths[0]] = b'x' * 512 + files[layer_paths[0]][512:]", "blob-digest layer-diff-id layer-tar"),
        ("files", "files['blobs/sha256/' + '0' * 64] = b'x'", "blob-digest"),
        ("files", "files['blobs/sha256/readme'] = b'x'", "blob-name"),
        ("members", "add('oci-layout', data=files['oci-layout'])", "archive-duplicate-member"),
        ("members", "add('/x')", "archive-member-name"),
        ("members", "add('../x')", "archive-member-name"),
        ("members", "add('x', FIFOTYPE)", "archive-member-type"),
        ("members", "add('a', SYMTYPE, link='repositories'); add('repositories', SYMTYPE, link='a')", "archive-link"),
        ("archive", "archive = pack(members + [entry('z', data=b'z' * 5000)])[:len(pack(members)) // 10240 * 10240 + 100]", "archive-tar"),
    ];

    public static TheoryData<int, string> Numbers => [.. Cases.Select((row, number) => (number, $"{row.Stage}: {row.Code}"))];

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Only_the_broken_rules_are_reported(int number, string what)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(what);
        var report = Validation.Of(archives[number]);
        foreach (var finding in report.Findings) TestContext.Current.TestOutputHelper?.WriteLine(finding.ToString());
        var expected = Cases[number].Rules.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal);
        var found = report.Findings.Select(finding => finding.Severity == Severity.Error ? finding.Rule : $"({finding.Rule})").Distinct();
        Assert.Equal(expected, found.Order(StringComparer.Ordinal));
        Assert.All(report.Findings, finding => Assert.DoesNotContain(finding.Where + finding.What, char.IsControl));
    }

    [Fact]
    public void Every_rule_has_an_archive_that_breaks_it()
    {
        var source = string.Concat(Directory.EnumerateFiles(SourceDirectory(), "*.cs").Select(File.ReadAllText));
        var rules = System.Text.RegularExpressions.Regex.Matches(source, "\"((?:archive|json|document|descriptor|blob|layout|index|manifest|" +
            "schema|config|layers?|docker|hybrid|media-type|ref|annotations)(?:-[a-z0-9]+)*)\"")
            .Select(match => match.Groups[1].Value).Where(rule => rule.Contains('-', StringComparison.Ordinal)).ToHashSet();
        // "oci-layout" is the name of a file. The other two rules need a million entries.
        rules.ExceptWith(["layer-size", "index-depth", "oci-layout"]);
        var broken = Cases.SelectMany(row => row.Rules.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(rule => rule.Trim('(', ')')).ToHashSet();
        Assert.Empty(rules.Except(broken));
    }

    [Fact]
    public void A_sound_archive_is_counted()
    {
        var report = Validation.Of(archives[0]);
        Assert.Equal((0, 0, 1, 2), (report.Errors, report.Warnings, report.Images, report.Layers));
    }

    [Fact]
    public void Findings_beyond_a_limit_for_each_rule_are_only_counted()
    {
        var report = Validation.Of(archives[Cases.ToList().FindIndex(row => row.Code.Contains("range(1000)", StringComparison.Ordinal))]);
        Assert.Equal((1000, 950, 50), (report.Errors, report.Omitted, report.Findings.Count));
    }

    private static string SourceDirectory([System.Runtime.CompilerServices.CallerFilePath] string path = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "../../../src/OverlayImg.Images/Validation"));
}
