using OverlayImg.Caching;
using OverlayImg.Closures;
using OverlayImg.FileSystems;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.Closures;

/// <summary>The graphs that closure files give, and the closure files that are refused. NixTests has the tests with a real Nix.</summary>
public sealed class ClosureGraphTests : IDisposable
{
    private const string NarHash = "sha256:1b8m03r63zqhnjf7l5wnldhh7c134ap5vpj0850ymkq1iyzicy5s";

    // Store paths with a hash of one repeated letter: a refers to b, and b refers to itself and to c.
    private static readonly string[] Names = [Name('a'), Name('b'), Name('c')];
    private readonly TemporaryDirectory _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task Every_form_gives_the_same_graph()
    {
        await MakeStoreAsync();
        string[] forms =
        [
            "$b\n\n2\n$b\n$c\n$a\n$d\n1\n$b\n$c\n\n0\n",
            "$c\n$h\n112\n\n0\n$b\n$h\n112\n$d\n2\n$c\n$b\n$a\n$h\n112\n\n1\n$b\n",
            """
            [{"path": "$a", "references": ["$b"], "narHash": "$h", "narSize": 112, "valid": true}, {"path": "$b", "references": ["$b", "$c"]},
             {"path": "$c", "references": []}]
            """,
            """{"$a": {"references": ["$b"], "ca": null}, "$b": {"references": ["$c", "$b"]}, "$c": {"references": []}}""",
            """
            {"version": 2, "storeDir": "$s", "info": {"$A": {"references": ["$B"]}, "$B": {"references": ["$B", "$C"]},
             "$C": {"references": [], "narSize": 112,
                    "narHash": {"algorithm": "sha256", "format": "base64", "hash": "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="}}}}
            """,
            "$c\r\n\r\n$a\r\n$b\r\n$a\r\n",
        ];
        foreach (var form in forms)
        {
            var graph = Read(form);
            Assert.Equal([Path('a'), Path('b'), Path('c')], graph.Paths.Select(info => info.Path.ToString()));
            Assert.Equal([$"{Path('b')}", $"{Path('b')} {Path('c')}", ""], graph.Paths.Select(info => string.Join(' ', info.References)));
        }

        Assert.All(Read(forms[1]).Paths, info => Assert.Equal(112, info.Nar!.Value.Size));
        Assert.Equal(NarHash, NixHash.ToBase32(Read(forms[2]).Paths[0].Nar!.Value.Hash));
        Assert.Equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", Read(forms[4]).Paths[2].Nar!.Value.Hash.Hex);
        Assert.Null(Read(forms[3]).Paths[0].Nar);
    }

    [Theory]
    [InlineData("$a\n\n1\n$b\n$b\n\n0\n/etc/passwd\n\n0\n", "'/etc/passwd', which is no path directly in the store")]
    [InlineData("$a\n\n1\n$s/../x\n", "/../x', which is no path directly in the store")]
    [InlineData("$a\n\n1\n$b\n", "refers to $b, which the file does not list")]
    [InlineData("$a\n\n0\n$a\n\n1\n$a\n", "names $a twice")]
    [InlineData("$a\n\n2\n$a\n", "ends in the middle of the entry for $a")]
    [InlineData("$a\n\n0\n$b\n\nmany\n", "line 6: 'many' is no number")]
    [InlineData("$a\nmd5:0\n8\n\n0\n", "line 2: 'md5:0' is no SHA-256 hash")]
    [InlineData("$s/missing\n\n0\n", "/missing, which does not exist")]
    [InlineData("$a\n", "refers to $b, which the file does not list")]
    [InlineData("""{"$a": null}""", "says that $a is not in the store")]
    [InlineData("""[{"path": "$a"}]""", "lacks \"references\"")]
    [InlineData("""[{"path": "$a", "references": [], "narHash": "sha512:0", "narSize": 1}]""", "should be a SHA-256 hash")]
    [InlineData("""{"$a": {"references": ["$b"]}}""", "refers to $b, which the file does not list")]
    public async Task An_invalid_graph_is_refused_by_name(string text, string said)
    {
        await MakeStoreAsync();
        var error = Assert.Throws<InputException>(() => Read(text));
        Assert.Contains(Expand(said), error.Describe(), StringComparison.Ordinal);
        Assert.StartsWith(_store["closure"], error.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_scan_finds_references_in_files_names_and_links_and_across_buffers()
    {
        string[] hashes = [.. "abcdfghijk".Select(letter => Name(letter))];
        var names = string.Join(' ', hashes);
        await Tool.BashAsync(
            $$"""
            n=({{names}}); mkdir {{hashes[0]}} {{hashes[3]}}
            # References in the middle of digits, across the end of a 256 KiB buffer and behind the hole of a sparse file,
            # and a name that only looks like a store path.
            printf 'xx0%s' ${n[1]} > ${n[0]}/file
            head -c 262140 /dev/zero > ${n[1]}; printf %s ${n[2]%%-*} >> ${n[1]}
            ln -s ../${n[3]}/bin ${n[2]}
            mkdir ${n[3]}/${n[4]}; touch ${n[4]} ${n[5]} ${n[6]} ${n[6]}.lock
            truncate -s 20M ${n[4]}; printf %s ${n[5]} >> ${n[4]}
            head -c 16777200 /dev/zero | tr '\0' 0 > ${n[5]}; printf %s ${n[6]} >> ${n[5]}
            printf %s ${n[7]} | tr i e > ${n[6]}; printf %s ${n[8]} | head -c 31 >> ${n[6]}; touch ${n[7]} ${n[8]}
            """, _store.Path);
        var graph = Scan(_store[hashes[0]] + "/file");
        var last = graph.Paths.Count - 1;
        Assert.Equal([.. hashes[..7].Select(name => _store[name])], graph.Paths.Select(info => info.Path.ToString()));
        Assert.Equal([.. hashes[1..7].Select(name => _store[name]), ""], graph.Paths.Select(info => string.Join(' ', info.References)));
        Assert.Empty(graph.Paths[last].References);
    }

    [Theory]
    [InlineData("/etc", "'/etc' is no path in the store")]
    [InlineData("$s", "is no path in the store")]
    [InlineData("$s/missing", "the store path $s/missing does not exist")]
    public void A_root_that_is_not_a_store_path_is_refused_by_name(string root, string said)
    {
        var error = Assert.Throws<InputException>(() => Scan(Expand(root)));
        Assert.Contains(Expand(said), error.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void Hashes_of_digits_alone_are_found_at_any_offset()
    {
        var random = new Random(1);
        var digits = "0123456789abcdfghijklmnpqrsvwxyz"u8.ToArray();
        var bytes = random.GetItems(digits, 4096);
        for (var at = 0; at < 4096 - StorePaths.HashLength; at += 61)
        {
            var path = ByteString.FromText($"/s/{System.Text.Encoding.ASCII.GetString(bytes.AsSpan(at, StorePaths.HashLength))}-x");
            var hashes = new StoreHashes([path], ByteString.FromText("/s"));
            var found = new FoundReferences();
            hashes.Search(bytes, found);
            Assert.Equal([0], found.Known);
            hashes.Search(bytes.AsSpan(0, at + StorePaths.HashLength - 1), found = new());
            Assert.Empty(found.Known);
        }
    }

    private static string Name(char letter) => $"{new string(letter, StorePaths.HashLength)}-{letter}";

    private string Path(char letter) => _store[Name(letter)];

    private Task<string> MakeStoreAsync() => Tool.BashAsync(
        $"mkdir {Names[0]} {Names[1]} {Names[2]}; ln -s {Path('b')}/x {Names[0]}/link; " +
        $"printf %s {Path('b')}{Path('c')} > {Names[1]}/file", _store.Path);

    private string Expand(string text)
    {
        foreach (var letter in "abc")
        {
            text = text.Replace($"${letter}", Path(letter), StringComparison.Ordinal)
                .Replace($"${char.ToUpperInvariant(letter)}", Name(letter), StringComparison.Ordinal);
        }

        return text.Replace("$s", _store.Path, StringComparison.Ordinal).Replace("$h", NarHash, StringComparison.Ordinal)
            .Replace("$d", "/elsewhere/d.drv", StringComparison.Ordinal);
    }

    private ClosureGraph Read(string text)
    {
        File.WriteAllText(_store["closure"], Expand(text));
        return ClosureGraph.Read(_store["closure"], ByteString.FromText(_store.Path), CancellationToken.None);
    }

    private ClosureGraph Scan(string root)
    {
        var scan = ClosureScan.OfStore(ByteString.FromText(_store.Path + "/"), CancellationToken.None);
        scan.Add([ByteString.FromText(root)]);
        return scan.Graph;
    }
}
