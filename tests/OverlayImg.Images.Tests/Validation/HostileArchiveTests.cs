using OverlayImg.Testing;

namespace OverlayImg.Images.Tests;

/// <summary>Whatever is done to an archive, validation ends, with findings or with one error about the whole of it.</summary>
public sealed class HostileArchiveTests(BrokenArchives archives) : IClassFixture<BrokenArchives>, IDisposable
{
    private const int Flips = 150;
    private readonly TemporaryDirectory _directory = new();
    private readonly byte[] _sound = File.ReadAllBytes(archives[0]);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Cut_anywhere_it_is_found_broken()
    {
        // What comes last is the end marker, which readers do without.
        var end = _sound.AsSpan().LastIndexOfAnyExcept((byte)0);
        for (var length = 100; length < end; length += 1021) Assert.True(ErrorsOf(_sound[..length]) > 0, $"{length} bytes");
    }

    [Fact]
    public void Wherever_a_bit_flips_nothing_breaks_but_the_archive()
    {
        var random = new Random(7);
        var found = 0;
        for (var flip = 0; flip < Flips; flip++)
        {
            var bytes = _sound.ToArray();
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            if (ErrorsOf(bytes) > 0) found++;
        }

        // Of flips in padding nobody need take notice.
        Assert.InRange(found, Flips / 5, Flips);
    }

    [Fact]
    public async Task An_index_that_leads_into_itself_and_a_million_descriptors_end()
    {
        const string Program = """
            import hashlib, io, json, tarfile
            kind = 'application/vnd.oci.image.index.v1+json'
            files = {'oci-layout': b'{"imageLayoutVersion":"1.0.0"}'}
            below = {'schemaVersion': 2, 'manifests': []}
            for level in range(12):
                data = json.dumps(below).encode()
                files['blobs/sha256/' + hashlib.sha256(data).hexdigest()] = data
                below = {'schemaVersion': 2, 'manifests': [{'mediaType': kind, 'size': len(data), 'digest': 'sha256:' + hashlib.sha256(data).hexdigest()}] * 2000}
            files['index.json'] = json.dumps(below).encode()
            with tarfile.open('deep.tar', 'w') as archive:
                for name, data in files.items():
                    info = tarfile.TarInfo(name); info.size = len(data); archive.addfile(info, io.BytesIO(data))
            """;
        (await Tool.RunAsync("python3", ["-c", Program], directory: _directory.Path)).Succeeded();
        Assert.Contains(Validation.Of(_directory["deep.tar"]).Findings, finding => finding.Rule == "index-depth");
    }

    private long ErrorsOf(byte[] archive)
    {
        File.WriteAllBytes(_directory["a.tar"], archive);
        try
        {
            return Validation.Of(_directory["a.tar"], _directory["scratch"]).Errors;
        }
        catch (InputException)
        {
            return 1;
        }
    }
}
