using System.Text.Json.Nodes;
using OverlayImg.Builders.ImageBuilds;
using OverlayImg.Builders.LayeredImages;
using OverlayImg.Caching;
using OverlayImg.Closures;
using OverlayImg.Closures.NixDatabases;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.Images.Archives.Writing;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Outputs;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.Closures;

/// <summary>Closures compared with those of a real Nix, and the generated database checked by a real Nix.</summary>
public sealed class NixTests(NixStore nix) : IClassFixture<NixStore>, IDisposable
{
    private static readonly Timestamp RegistrationTime = new(1);
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("graph")]
    [InlineData("registration")]
    [InlineData("array")]
    [InlineData("object")]
    [InlineData("plain")]
    [InlineData(null)]
    public async Task The_graph_equals_that_of_Nix(string? form)
    {
        var graph = form is null ? Scan(nix.Top, nix.StoreDirectory) : Read(form);
        var known = JsonNode.Parse(await File.ReadAllTextAsync(nix["array"]))!.AsArray().ToDictionary(info => (string)info!["path"]!, info => info!);
        Assert.Equal(known.Keys.Order(StringComparer.Ordinal), graph.Paths.Select(info => info.Path.ToString()));
        var nars = NarHashing.Of(graph.Paths, CancellationToken.None);
        for (var index = 0; index < graph.Paths.Count; index++)
        {
            var info = graph.Paths[index];
            var expected = known[info.Path.ToString()];
            var references = expected["references"]!.AsArray().Select(reference => (string)reference!);
            Assert.Equal(references.Order(StringComparer.Ordinal), info.References.Select(reference => reference.ToString()));
            Assert.Equal((string)expected["narHash"]!, $"sha256-{Convert.ToBase64String(Convert.FromHexString(nars[index].Hash.Hex))}");
            Assert.Equal((long)expected["narSize"]!, nars[index].Size);
        }
    }

    [Fact]
    public async Task Archives_have_the_hashes_that_Nix_computes()
    {
        foreach (var path in await File.ReadAllLinesAsync(nix["plain"]))
        {
            var nar = NarHashing.Of(ByteString.FromText(path), CancellationToken.None);
            Assert.Equal(await nix.OutputAsync($"nix-hash --type sha256 --base32 {path}"), NixHash.ToBase32(nar.Hash)["sha256:".Length..] + "\n");
            Assert.Equal(nar.Hash, NixHash.Parse(NixHash.ToBase32(nar.Hash)));
            Assert.Equal(await nix.OutputAsync($"nix-store --dump {path} | wc -c"), $"{nar.Size}\n");
        }
    }

    [Fact]
    public async Task Nix_verifies_the_database()
    {
        var tree = NixDatabase.Tree(Read("plain"), RegistrationTime, CancellationToken.None);
        HostTreeWriter.Write(Within(tree), nix["made"], CancellationToken.None);
        const string state = "made/var/nix";
        var verified = (await nix.RunAsync("nix-store --verify --check-contents", state)).Succeeded();
        Assert.DoesNotContain("error", verified.StandardError, StringComparison.OrdinalIgnoreCase);
        // Nix prints this line when it checks store paths. Without the line it may have checked nothing.
        Assert.Contains("checking store hashes", verified.StandardError, StringComparison.Ordinal);
        Assert.Equal(await nix.OutputAsync($"nix-store -qR {nix.Top} | sort"), await nix.OutputAsync($"nix-store -qR {nix.Top} | sort", state));
        Assert.Equal(await Registration("state"), await Registration(state));
        // The roots keep the whole closure, and the database registers nothing else.
        var living = (await nix.OutputAsync("nix-store --gc --print-live", state)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal((await File.ReadAllLinesAsync(nix["plain"])).Order(), living.Order());
        Assert.Equal("1\n", await nix.OutputAsync($"nix path-info --json {nix.Top} | jq .[0].registrationTime", state));
    }

    [Fact]
    public async Task The_database_has_the_same_bytes_whatever_the_graph_came_from()
    {
        byte[][] databases = [.. new[] { "graph", "registration", "array", "plain", "plain" }.Select(form => Database(Read(form)))];
        foreach (var database in databases) Assert.Equal(databases[0], database);
        await File.WriteAllBytesAsync(_directory["db.sqlite"], databases[0]);
        var checking = "import sqlite3, sys\n" +
            "db = sqlite3.connect('file:' + sys.argv[1] + '?mode=ro', uri=True)\n" +
            "print(*[db.execute('pragma ' + p).fetchone()[0] for p in ('integrity_check', 'page_size', 'journal_mode', 'freelist_count')])\n" +
            "print(*db.execute('select distinct registrationTime, deriver, ultimate, sigs, ca from ValidPaths').fetchall())";
        Assert.Equal("ok 4096 delete 0\n(1, None, None, None, None)\n", await Tool.OutputAsync("python3", "-c", checking, _directory["db.sqlite"]));
    }

    [Fact]
    public async Task A_database_changes_with_the_files_in_the_store()
    {
        var store = _directory["store"];
        var name = $"{new string('a', StorePaths.HashLength)}-a";
        Directory.CreateDirectory(store);
        var path = Path.Combine(store, name);
        var databases = new List<byte[]>();
        foreach (var text in (string[])["1", "2"])
        {
            await File.WriteAllTextAsync(path, text);
            databases.Add(Database(Scan(path, store)));
        }

        Assert.NotEqual(databases[0], databases[1]);
        File.Move(path, Path.Combine(store, "nameless"));
        await File.WriteAllTextAsync(_directory["list"], Path.Combine(store, "nameless"));
        var graph = ClosureGraph.Read(_directory["list"], ByteString.FromText(store), CancellationToken.None);
        Assert.Contains("no name that Nix would give", Assert.Throws<InputException>(() => Database(graph)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_image_with_the_database_holds_exactly_the_closure_and_the_same_bytes_each_time()
    {
        var digests = new List<Digest>();
        foreach (var output in (string[])["one.tar", "two.tar"])
        {
            var result = await TestSession.RunAsync(_directory["cache"], session => ImageBuild.RunAsync(new()
            {
                Output = new ArchiveOutput(TarDestination.Parse(_directory[output]), ArchiveFormat.Hybrid),
                Name = "nix",
                Tag = "1",
                Contents = new([nix.Top], false, nix.StoreDirectory),
                NixDatabase = true,
            }, session));
            digests.Add(result.Layers[^1].DiffId);
        }

        Assert.Equal(digests[0], digests[1]);
        var names = await Tool.BashAsync("tar -xOf one.tar $(tar -xOf one.tar manifest.json | jq -r '.[0].Layers[-1]') | tar -t", _directory.Path);
        var lines = names.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var store = nix.StoreDirectory[1..] + "/";
        var inStore = lines.Where(line => line.StartsWith(store, StringComparison.Ordinal))
            .Select(line => line[store.Length..].Split('/')[0]).Distinct();
        var closure = (await File.ReadAllLinesAsync(nix["plain"])).Select(path => Path.GetFileName(path));
        Assert.Equal(closure.Order(StringComparer.Ordinal), inStore.Order(StringComparer.Ordinal));
        var state = $"./{Path.GetDirectoryName(nix.StoreDirectory)![1..]}/var/nix/";
        Assert.Equal(
            [$"{state}db/db.sqlite", $"{state}db/schema", $"{state}gcroots/docker/{Path.GetFileName(nix.Top)}"],
            lines.Where(line => line.StartsWith(state, StringComparison.Ordinal) && !line.EndsWith('/')));
    }

    [Fact]
    public async Task A_layered_image_has_the_database_in_its_last_layer()
    {
        await TestSession.RunAsync(_directory["cache"], session => LayeredImageBuild.RunAsync(new()
        {
            Output = new ArchiveOutput(TarDestination.Parse(_directory["layered.tar"]), ArchiveFormat.Hybrid),
            Name = "nix",
            Tag = "1",
            Contents = new([nix.Top], false, nix.StoreDirectory),
            NixDatabase = true,
        }, session));
        var database = $".{NixDatabase.DatabasePath(ByteString.FromText(nix.StoreDirectory)).ToString().Insert(0, "/")}";
        await Tool.BashAsync(
            $"tar -xOf layered.tar $(tar -xOf layered.tar manifest.json | jq -r '.[0].Layers[-1]') | tar -xO {database} > db.sqlite",
            _directory.Path);
        Assert.Equal(Database(Read("plain")), await File.ReadAllBytesAsync(_directory["db.sqlite"]));
    }

    // The paths of the tree start at the root directory. Nix's state directory is relative to the parent directory of the store.
    private FileTree Within(FileTree tree) =>
        new((DirectoryNode)tree.Find(ByteString.FromText(Path.GetDirectoryName(nix.StoreDirectory)![1..]).Span)!);

    private Task<string> Registration(string state) =>
        nix.OutputAsync($"nix path-info --json -r {nix.Top} | " +
            $"jq -c 'map({{path, narHash, narSize, references: (.references | sort)}}) | sort_by(.path)'", state);

    private static byte[] Database(ClosureGraph graph)
    {
        var file = (RegularFileNode)NixDatabase.Tree(graph, RegistrationTime, CancellationToken.None)
            .Find(NixDatabase.DatabasePath(graph.StoreDirectory).Span)!;
        var bytes = new byte[file.Content.Length];
        file.Content.Read(0, bytes);
        return bytes;
    }

    private ClosureGraph Read(string form) => ClosureGraph.Read(nix[form], ByteString.FromText(nix.StoreDirectory), CancellationToken.None);

    private static ClosureGraph Scan(string root, string store)
    {
        var scan = ClosureScan.OfStore(ByteString.FromText(store), CancellationToken.None);
        scan.Add([ByteString.FromText(root)]);
        return scan.Graph;
    }
}
