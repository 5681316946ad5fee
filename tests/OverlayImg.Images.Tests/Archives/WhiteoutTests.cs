namespace OverlayImg.Images.Tests;

/// <summary>Compares layers with every kind of whiteout on one base with what umoci unpacks.</summary>
public sealed class WhiteoutTests : IDisposable
{
    private const string Base = """
        mkdir -p a/sub b d/sub/deep e g; echo 1 > a/1; echo 2 > a/sub/2; echo 3 > b/3; echo 4 > c; ln c c2
        echo 5 > d/sub/deep/5; echo 6 > e/6; ln -s a link; echo 7 > g/7; chmod 750 d d/sub; chown 3:4 d/sub c
        """;

    private readonly ArchiveBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("touch .wh.b")]
    [InlineData("touch .wh.c")]
    [InlineData("touch .wh.nothing")]
    [InlineData("touch .wh.link")]
    [InlineData("mkdir .wh.b")]
    [InlineData("ln -s x .wh.c")]
    [InlineData("mkdir a; touch a/.wh..wh..opq; echo n > a/new; mkdir a/sub; echo s > a/sub/s")]
    [InlineData("mkdir a; touch a/.wh..wh..opq")]
    [InlineData("mkdir a; touch a/.wh..wh..opq a/.wh.1; echo n > a/new")]
    [InlineData("echo file > e")]
    [InlineData("ln -s a e")]
    [InlineData("mkdir c; echo in > c/in")]
    [InlineData("mkdir link; echo in > link/in")]
    [InlineData("echo other > c")]
    [InlineData("mkdir -p d/sub; chmod 701 d/sub; echo new > d/sub/new")]
    [InlineData("mkdir g; touch g/.wh.7; mkdir g/.wh.")]
    [InlineData("mkdir g; touch g/.wh..")]
    [InlineData("mkdir g; touch g/.wh...")]
    public async Task A_layer_equals_what_umoci_unpacks_in_any_order_of_its_entries(string changes)
    {
        var bottom = await _bench.LayerAsync(Base);
        var archive = await _bench.PackAsync([bottom, await _bench.LayerAsync(changes)]);
        var reversed = await _bench.PackAsync([bottom, await _bench.LayerAsync(changes, "--no-recursion $(cd layer4 && find . | LC_ALL=C sort -r)")]);
        if (changes.Contains("g/.wh.", StringComparison.Ordinal))
        {
            var error = (await Assert.ThrowsAsync<InputException>(() => _bench.ListAsync(archive))).Describe();
            Assert.Contains("1/layer.tar, path g/.wh.", error, StringComparison.Ordinal);
            return;
        }

        var expected = await _bench.UnpackWithUmociAsync(archive);
        Assert.Equal(expected, await _bench.ListAsync(archive));
        Assert.Equal(expected, await _bench.ListAsync(reversed));
    }

    [Theory]
    [InlineData("add('d/sub/new', data=b'n')")]
    [InlineData("add('d/sub/.wh.deep')")]
    [InlineData("add('a/x/y/z', data=b'n')")]
    [InlineData("add('hard', LINK, 'd/sub/deep/5')")]
    [InlineData("add('hard', LINK, './c2')")]
    [InlineData("add('hard', LINK, '/link')")]
    [InlineData("add('p/hard', LINK, 'c'); add('q', LINK, 'p/hard')")]
    [InlineData("add('.wh.c2'); add('hard', LINK, 'c')")]
    [InlineData("add('c', data=b'changed'); add('hard', LINK, 'c')")]
    [InlineData("add('./', DIR); add('/abs/./x/../y', data=b'y')")]
    public async Task Entries_that_refer_to_lower_layers_equal_what_umoci_unpacks(string code)
    {
        var archive = await _bench.PackAsync([await _bench.LayerAsync(Base), await _bench.CraftAsync(code)]);
        Assert.Equal(await _bench.UnpackWithUmociAsync(archive), await _bench.ListAsync(archive));
    }

    [Fact]
    public async Task A_file_that_one_layer_deletes_and_creates_exists()
    {
        var bottom = await _bench.LayerAsync(Base);
        // umoci 0.4 applies whiteouts in the order of the entries. The expected result is therefore made with a base
        // that never had the deleted files.
        var layer = await _bench.LayerAsync(
            "mkdir -p d/sub; touch d/.wh.sub .wh.c .wh.e; echo y > d/sub/y; echo again > c; echo file > e; chmod 750 d");
        var without = await _bench.LayerAsync("mkdir -p d/sub; echo y > d/sub/y; echo again > c; echo file > e; chmod 750 d");
        var poorer = await _bench.LayerAsync(Base.TrimEnd() + "; cat c > t; chown 3:4 t; rm -r d/sub c e c2; mv t c2");
        Assert.Equal(await _bench.UnpackWithUmociAsync(await _bench.PackAsync([poorer, without])),
            await _bench.ListAsync(await _bench.PackAsync([bottom, layer])));
    }

    [Fact]
    public async Task A_whiteout_that_is_a_dangling_hard_link_deletes()
    {
        var bottom = await _bench.LayerAsync(Base);
        var archive = await _bench.PackAsync([bottom,
            await _bench.CraftAsync("add('.wh.c', LINK, 'nowhere'); add('d/.wh.sub', LINK, 'gone/too'); add('a/.wh..wh..opq', LINK, 'x')")]);
        var plain = await _bench.PackAsync([bottom, await _bench.CraftAsync("add('.wh.c'); add('d/.wh.sub'); add('a/.wh.1'); add('a/.wh.sub')")]);
        Assert.Equal(await _bench.UnpackWithUmociAsync(plain), await _bench.ListAsync(archive));
    }

    [Fact]
    public async Task Aufs_metadata_is_dropped_but_hard_links_to_it_work()
    {
        var bottom = await _bench.LayerAsync(Base);
        var aufs = await _bench.CraftAsync("add('.wh..wh.aufs'); add('.wh..wh.orph/', DIR); add('.wh..wh.plnk/', DIR); " +
            "add('.wh..wh.plnk/1.2', data=b'linked'); add('x', LINK, '.wh..wh.plnk/1.2'); add('y', LINK, '.wh..wh.plnk/1.2')");
        var plain = await _bench.CraftAsync("add('x', data=b'linked'); add('y', LINK, 'x')");
        Assert.Equal(await _bench.UnpackWithUmociAsync(await _bench.PackAsync([bottom, plain])),
            await _bench.ListAsync(await _bench.PackAsync([bottom, aufs])));
    }

    [Fact]
    public async Task A_hard_link_to_a_missing_file_is_refused()
    {
        var archive = await _bench.PackAsync([await _bench.LayerAsync(Base), await _bench.CraftAsync("add('one'); add('two', LINK, 'no/where')")]);
        var error = (await Assert.ThrowsAsync<InputException>(() => _bench.ListAsync(archive))).Describe();
        Assert.Contains("1/layer.tar, path two, byte 512: is a hard link to no/where, which neither this layer nor a lower one has.", error,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(17)]
    [InlineData(40)]
    [InlineData(120)]
    public async Task The_uppermost_of_many_layers_wins(int count)
    {
        var layers = await _bench.CraftAsync(Enumerable.Range(0, count).Select(index =>
            $"add('f', data=b'{index}'); add('n{index}', data=b'x'); add('d{index % 3}/', DIR); add('d{index % 3}/.wh..wh..opq'); " +
                $"add('d{index % 3}/{index}'); add('.wh.n{index - 2}')"));
        var archive = await _bench.PackAsync(layers);
        var listing = await _bench.ListAsync(archive);
        Assert.Equal(await _bench.UnpackWithUmociAsync(archive), listing);
        Assert.Contains(listing, line => line.StartsWith($"/d{(count - 1) % 3}/{count - 1} ", StringComparison.Ordinal));
    }
}
