using System.Text;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Streams;
using OverlayImg.Images.TarSums;
using OverlayImg.Testing;

namespace OverlayImg.Images.Tests.TarSums;

/// <summary>Compares tar sums with moby's package, for its own test data and for archives of Python and GNU tar.</summary>
public sealed class TarSumTests(Moby moby) : IClassFixture<Moby>, IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken None => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("46af0962ab5afeb5ce6740d4d91652e69206fc991fd5328c1a94d364ad00e457/layer.tar")]
    [InlineData("511136ea3c5a64f264b78b5433614aec563103b4d4702f3ba7d4d2698e22c158/layer.tar")]
    [InlineData("xattr/layer.tar")]
    [InlineData("collision/collision-0.tar")]
    [InlineData("collision/collision-1.tar")]
    [InlineData("collision/collision-2.tar")]
    [InlineData("collision/collision-3.tar")]
    public async Task Mobys_test_data_has_the_sums_that_moby_computes(string file)
    {
        var path = Path.Combine(Moby.TestData, file);
        Assert.Equal(await moby.SumAsync(path), SumOf(path));
    }

    // The expected values of TestIteration in moby's tarsum_test.go, without the label. Version dev equals version 1.
    [Theory]
    [InlineData("6ffd43a1573a9913325b4918e124ee982a99c0f3cba90fc032a65f5e20bdd465", "file.txt", 0, "")]
    [InlineData("862964db95e0fa7e42836ae4caab3576ab1df8d275720a45bdd01a5a3730cc63", "another.txt", 1000, "test")]
    [InlineData("4b1ba03544b49d96a32bacc77f8113220bd2f6a77e7e6d1e7b33cd87117d88e7", "xattrs.txt", 1000, "test", "user.key1=value1",
        "user.key2=value2")]
    [InlineData("410b602c898bd4e82e800050f89848fc2cf20fd52aa59c1ce29df76b878b84a6", "xattrs.txt", 1000, "test", "user.KEY1=value1",
        "user.key2=value2")]
    public void The_headers_of_mobys_tests_have_the_expected_sums(string sum, string name, uint id, string text, params string[] attributes)
    {
        using var archive = new MemoryStream();
        using var writer = new TarWriter(archive);
        var content = new MemoryContent(Encoding.UTF8.GetBytes(text));
        var split = attributes
            .Select(text => text.Split('='))
            .Select(parts => new ExtendedAttribute(ByteString.FromText(parts[0]), ByteString.FromText(parts[1])));
        writer.Write(new()
        {
            Name = ByteString.FromText(name),
            TypeFlag = TarTypeFlag.RegularFile,
            Uid = id,
            Gid = id,
            Size = content.Length,
            ExtendedAttributes = ExtendedAttributes.Of(split),
        }, content, None);
        writer.Complete();
        archive.Position = 0;
        Assert.Equal("tarsum.v1+sha256:" + sum, TarSum.Compute(archive, new("layer.tar"), None));
    }

    [Fact]
    public void An_archive_without_entries_has_the_sum_of_no_data()
    {
        File.WriteAllBytes(_directory["empty.tar"], new byte[10240]);
        Assert.Equal("tarsum.v1+sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", SumOf(_directory["empty.tar"]));
    }

    [Fact]
    public async Task Random_archives_of_Python_have_the_sums_that_moby_computes()
    {
        await Tool.BashAsync("python3 - <<'END'\n" + RandomArchives + "\nEND", _directory.Path);
        await AssertSameAsMobyAsync(1000);
    }

    [Fact]
    public async Task Archives_of_GNU_tar_in_all_formats_have_the_sums_that_moby_computes()
    {
        await Tool.BashAsync("""
            mkdir d; cd d; echo hello > f; ln f g; ln -s f l; mkdir -p a/b; mknod n c 1 3; mkfifo p; head -c 300000 /dev/urandom > r; chmod 4755 f
            long=$(printf '%0120d' 0); mkdir $long; echo x > $long/$long; ln -s $long/$long s; chown 4000000:5000000 r
            truncate -s 1M sparse; printf data | dd of=sparse bs=1 seek=500000 conv=notrunc status=none
            setfattr -n user.a -v 0x00ff3d0a f; setfattr -n user.b -v text f; setcap cap_net_raw=ep r; cd ..
            for format in v7 oldgnu gnu ustar posix; do tar -C d --format=$format -cf $format.tar . 2> /dev/null || true; done
            for format in oldgnu gnu posix; do tar -C d --format=$format -S -cf sparse-$format.tar ./sparse ./f; done
            tar -C d --xattrs --xattrs-include='*' -cf xattrs.tar .
            for version in 0.0 0.1 1.0; do tar -C d --format=posix --sparse-version=$version -S -cf sparse-$version.tar .; done
            tar -C d --format=posix --pax-option=globexthdr.name=global,comment=hello -cf global.tar .
            """, _directory.Path);
        // Moby rewrites each entry while it reads, and Go's writer refuses sparse PAX entries. The sums of the other
        // archives must be equal.
        await AssertSameAsMobyAsync(9);
    }

    [Fact]
    public async Task A_sum_computed_while_writing_equals_the_sum_of_the_file()
    {
        var tree = new FileTree();
        var large = new byte[3_000_000];
        new Random(1).NextBytes(large);
        for (var index = 0; index < 300; index++)
        {
            // Sizes from none to some hundred tar blocks. Every tenth size spans several buffers.
            var content = new MemoryContent(large.AsMemory(0, index * (index % 10 == 0 ? 10_000 : 331)));
            tree.Root.Set(ByteString.FromText($"f{index}"), new RegularFileNode(Metadata.DefaultFile, content));
        }

        using var sum = new TarSumStream(new("layer.tar"), None);
        await using (var file = File.Create(_directory["layer.tar"])) TarTreeWriter.Write(tree, file, new(), None);
        TarTreeWriter.Write(tree, sum, new(), None);
        using var digest = new DigestStream(None);
        TarTreeWriter.Write(tree, digest, new(), None);
        var sha256 = await Tool.OutputAsync("sha256sum", "-b", _directory["layer.tar"]);
        Assert.Equal(sha256[..64], digest.Complete().Hex);
        Assert.Equal(await moby.SumAsync(_directory["layer.tar"]), sum.Complete());
    }

    [Fact]
    public void Data_that_is_not_an_archive_fails_when_the_sum_is_requested()
    {
        using var sum = new TarSumStream(new("layer.tar"), None);
        var junk = new byte[64 << 20];
        junk.AsSpan().Fill((byte)'x');
        var error = Assert.Throws<InputException>(() =>
        {
            sum.Write(junk);
            sum.Complete();
        });
        Assert.Equal("layer.tar", error.Where.File);
    }

    [Fact]
    public void A_truncated_archive_fails_only_when_the_sum_is_requested()
    {
        using var asked = new TarSumStream(new("layer.tar"), None);
        asked.Write(new byte[5]);
        Assert.Contains("layer.tar", Assert.Throws<InputException>(asked.Complete).Describe(), StringComparison.Ordinal);

        var unasked = new TarSumStream(new("layer.tar"), None);
        unasked.Write(new byte[5]);
        Assert.Null(Record.Exception(unasked.Dispose));
    }

    private static string SumOf(string path)
    {
        using var file = File.OpenRead(path);
        return TarSum.Compute(file, new(path), None);
    }

    private async Task AssertSameAsMobyAsync(int least)
    {
        var archives = Directory.GetFiles(_directory.Path, "*.tar").Order(StringComparer.Ordinal).ToArray();
        var expected = await moby.SumsAsync(archives);
        var compared = 0;
        foreach (var (archive, sum) in archives.Zip(expected))
        {
            if (!sum.StartsWith("tarsum.v1+", StringComparison.Ordinal)) continue;
            Assert.Equal((Path.GetFileName(archive), sum), (Path.GetFileName(archive), SumOf(archive)));
            compared++;
        }

        var errors = string.Join("; ", expected.Where(line => !line.StartsWith("tarsum.v1+", StringComparison.Ordinal)).Distinct());
        Assert.True(compared >= least, $"Moby summed only {compared} of {archives.Length} archives: {errors}");
    }

    private const string RandomArchives = """
        import io, random, tarfile
        types = [tarfile.REGTYPE] * 6 + [tarfile.AREGTYPE, tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.DIRTYPE,
                 tarfile.FIFOTYPE, tarfile.CONTTYPE, b'Z']
        for seed in range(1200):
            r = random.Random(seed)
            format = r.choice([tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
            globals = {'comment': 'x', 'SCHILY.xattr.user.g': 'y'} if r.random() < .1 else {}
            name = lambda: '/'.join(''.join(r.choice('abcdefghij.é') for _ in range(r.choice([1, 3, 9, 40]))) for _ in range(r.randrange(1, 4)))
            with tarfile.open('%04d.tar' % seed, 'w', format=format, encoding='utf-8', pax_headers=globals) as archive:
                names = []
                count = r.choice([0, 1, 3, 11, 40])
                for index in range(count):
                    # Duplicates only where few entries make Go's sorting foreseeable.
                    again = names and count < 12 and r.random() < .1
                    info = tarfile.TarInfo(r.choice(names) if again else r.choice(['', './', '/']) + name() + str(index))
                    names.append(info.name)
                    info.type = r.choice(types)
                    if info.type in (tarfile.AREGTYPE, tarfile.DIRTYPE): info.name += r.choice(['', '/'])
                    info.mode = r.choice([0o644, 0o755, 0o4755, 0o100644, 0])
                    info.uid, info.gid = r.choice([0, 1000, 2097151]), r.choice([0, 1000, 2097151])
                    if format != tarfile.USTAR_FORMAT and r.random() < .2: info.uid = 4000000000
                    info.uname, info.gname = r.choice(['', 'root']), r.choice(['', 'wheel'])
                    info.mtime = r.choice([0, 1, 1234567890])
                    if info.type in (tarfile.LNKTYPE, tarfile.SYMTYPE): info.linkname = name()
                    if info.type in (tarfile.CHRTYPE, tarfile.BLKTYPE): info.devmajor, info.devminor = r.randrange(4096), r.randrange(1 << 20)
                    if format == tarfile.PAX_FORMAT and r.random() < .3:
                        values = ['', 'value', 'é', 'a\nb', 'c=d']
                        info.pax_headers = {'SCHILY.xattr.user.' + c: r.choice(values) for c in r.sample('abcd', r.randrange(4))}
                        if r.random() < .2: info.pax_headers['SCHILY.xattr.'] = 'nameless'
                        if r.random() < .2: info.pax_headers['uid'] = '77'
                    body = r.randbytes(r.choice([0, 1, 511, 512, 513, 5000]))
                    try: info.tobuf(format, 'utf-8')
                    except ValueError: continue
                    isdir = info.type == tarfile.AREGTYPE and info.name.endswith('/')
                    if info.type in (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE, b'Z') and not isdir:
                        info.size = len(body)
                        archive.addfile(info, io.BytesIO(body))
                    else:
                        archive.addfile(info)
        """;
}
