using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;
using OverlayImg.Layers.Contents;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.Contents;

/// <summary>Merged contents compared with rsync, run with dockerTools' options and -I (see <see cref="ContentsMerger"/>).</summary>
public sealed class RsyncTests(ITestOutputHelper output)
{
    private enum Verdict
    {
        Same,
        BothRefuse,
        LeadsOutside,
        Circle,
    }

    [Theory]
    [InlineData(false, 40)]
    [InlineData(true, 40)]
    public async Task Random_contents_merge_as_rsync_merges_them(bool keepLinks, int count)
    {
        var verdicts = new Dictionary<Verdict, int>();
        for (var seed = 0; seed < count; seed++)
        {
            var verdict = await CompareAsync(seed, keepLinks);
            verdicts[verdict] = verdicts.GetValueOrDefault(verdict) + 1;
        }

        output.WriteLine(string.Join(", ", verdicts));
        Assert.True(verdicts.GetValueOrDefault(Verdict.Same) > count / 3, "Too few of the trees say anything.");
        Assert.True(verdicts.GetValueOrDefault(Verdict.BothRefuse) > count / 20, "Too few of the trees are refused.");
    }

    private static async Task<Verdict> CompareAsync(int seed, bool keepLinks)
    {
        using var directory = new TemporaryDirectory();
        var random = new RandomContents(seed, links: keepLinks ? 0.12 : 0.08, modes: !keepLinks);
        string[] items = [.. Enumerable.Range(0, 2 + seed % 2).Select(number => directory[$"item{number}"])];
        foreach (var item in items) random.Make(item);

        var options = new ContentsOptions
        {
            Dialect = Dialect.DockerTools,
            KeepDirectoryLinks = keepLinks,
            StoreDirectory = ByteString.FromText("/no/store"),
        };
        ContentsResult? result = null;
        InputException? refusal = null;
        try
        {
            result = new ContentsBuilder(options, _ => throw new InvalidOperationException()).Build(items, TestContext.Current.CancellationToken);
        }
        catch (InputException exception)
        {
            refusal = exception;
        }

        // rsync does not get such a tree: rsync would go 40 links deep in each of several cycles.
        if (!keepLinks && refusal?.Message.Contains("would never end", StringComparison.Ordinal) == true)
        {
            var find = await Tool.RunAsync("find", ["-L", refusal.Where.File!], cancellationToken: TestContext.Current.CancellationToken);
            Assert.Contains("loop", find.StandardError, StringComparison.Ordinal);
            return Verdict.Circle;
        }

        if (result?.Warnings.Count > 0) return Verdict.LeadsOutside;
        // rsync 3.5.0 fails to set modes and times of directories behind links of the target, so rsync -K runs without both.
        var flags = keepLinks ? "-aIKO --no-perms" : "-aIk";
        const string listLeadingOutside = """
            find layer -type l -print0 | python3 -c '
            import os, sys
            for link in sys.stdin.read().split("\0")[:-1]:
                if not os.path.realpath(link).startswith(os.getcwd() + "/layer/"): print(link)'
            """;
        var leadingOutside = keepLinks ? listLeadingOutside : "";
        var rsync = await Tool.RunAsync("bash", ["-c", $$"""
            mkdir layer
            for item in "$@"; do
              timeout 20 rsync {{flags}} --chown=0:0 $item/ layer/ >&2 || { echo "refused $item"; exit 0; }
              {{leadingOutside}}
            done
            chmod ug+w layer
            """, "bash", .. items], directory: directory.Path, cancellationToken: TestContext.Current.CancellationToken);
        var said = rsync.Succeeded().StandardOutput;
        // rsync follows a link that leads out of the layer to the host. The builder stays in the layer. There is nothing to compare.
        if (said.Length > 0 && !said.StartsWith("refused", StringComparison.Ordinal)) return Verdict.LeadsOutside;
        if (said.Length > 0 || refusal is not null)
        {
            Assert.True(refusal is not null, $"seed {seed}: rsync alone refused\n{rsync.StandardError}");
            Assert.True($"refused {refusal.Where.File}\n" == said, $"seed {seed}: {refusal.Describe()}; rsync: {said}");
            return Verdict.BothRefuse;
        }

        var expected = HostTree.Read(directory["layer"], new(), TestContext.Current.CancellationToken);
        Assert.True(Lines(expected, keepLinks).SequenceEqual(Lines(result!.Tree, keepLinks)),
            $"seed {seed}\nrsync:\n{string.Join('\n', Lines(expected, keepLinks))}\nours:\n{string.Join('\n', Lines(result.Tree, keepLinks))}");
        return Verdict.Same;
    }

    // Links have the time of the test run. If rsync writes through a link, the directory behind the link has that time, too.
    private static IEnumerable<string> Lines(FileTree tree, bool keepLinks) => tree.Walk().Select(entry =>
    {
        var isTimed = entry.Node is RegularFileNode || (entry.Node is DirectoryNode && !keepLinks);
        var time = isTimed ? entry.Node.ModificationTime.Seconds : 0;
        var what = entry.Node switch
        {
            SymbolicLinkNode link => $"-> {link.Target}",
            RegularFileNode file => Text(file.Content),
            _ => "",
        };
        return $"{entry.Path} {entry.Node.Type} {Convert.ToString(entry.Node.Permissions, 8)} {time} {what}";
    });

    private static string Text(FileContent content)
    {
        var bytes = new byte[content.Length];
        content.Read(0, bytes);
        return new ByteString(bytes).ToString();
    }
}
