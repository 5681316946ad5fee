using OverlayImg.Testing;

namespace OverlayImg.Images.Tests;

/// <summary>Validation of a damaged or malicious archive always ends, with findings or with one error about the whole archive.</summary>
public sealed class HostileArchiveTests(BrokenArchives archives) : IClassFixture<BrokenArchives>, IDisposable
{
    private const int Flips = 150;
    private readonly TemporaryDirectory _directory = new();
    private readonly byte[] _sound = File.ReadAllBytes(archives[0]);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void An_archive_truncated_at_any_byte_has_errors()
    {
        // Only truncations before the end marker count, because readers do not need the end marker.
        var end = _sound.AsSpan().LastIndexOfAnyExcept((byte)0);
        for (var length = 100; length < end; length += 1021) Assert.True(ErrorsOf(_sound[..length]) > 0, $"{length} bytes");
    }

    [Fact]
    public void Validation_survives_flipped_bits()
    {
        var random = new Random(7);
        var found = 0;
        for (var flip = 0; flip < Flips; flip++)
        {
            var bytes = _sound.ToArray();
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            if (ErrorsOf(bytes) > 0) found++;
        }

        // Flips in padding cause no error.
        Assert.InRange(found, Flips / 5, Flips);
    }

    [Fact]
    public async Task Validation_of_nested_indexes_with_a_million_descriptors_ends()
    {
        const string Program = """
            import hashlib, io, json, tarfile
            kind = 'application/vnd.oci.image.index.v1+json'
            files = {'oci-layout': b'{"imageLayoutVersion":"1.0.0"}'}
            below = {'schemaVersion': 2, 'manifests': []}
            for level in range(12):
                data = json.dumps(below).encode(); sha256 = hashlib.sha256(data).hexdigest()
                files['blobs/sha256/' + sha256] = data
                below = {'schemaVersion': 2, 'manifests': [{'mediaType': kind, 'size': len(data), 'digest': 'sha256:' + sha256}] * 2000}
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
