using System.Text.Json.Nodes;
using OverlayImg.Builders.Inspections;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.Pages;

public sealed class InspectionPageTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Hostile_names_become_text_and_nothing_else()
    {
        await PageImages.WriteAsync(_directory.Path);
        var page = await PageOfAsync("hostile.tar");
        page.AssertIsNothingButItsTemplate(await PageOfAsync("harmless.tar"));
        Assert.Equal("evil</title><script>alert(1)</script>{{data}}:1", page.Title);

        var data = page.Data;
        var names = data["tree"]!.AsArray().Select(node => node![1]!.GetValue<string>()).ToArray();
        // A slash divides the name of the first file. Bytes that are no printable UTF-8 are escaped as in listings.
        string[] expected =
        [
            "<", "script><img src=x onerror=alert(1)>", "\"><svg onload=alert(1)>", "'-alert(1)-'",
            @"\342\200\250\342\200\251\342\200\256txt.exe", @"new\nline\033[2J", @"\377\376", "]]>", "&lt;b&gt;", @"back\\slash", "{{script}}",
            "${alert(1)}", "`", "__proto__", "constructor", new string('x', 250),
        ];
        Assert.Superset(expected.ToHashSet(), names.ToHashSet());
        Assert.DoesNotContain("<!--", names);
        Assert.Equal(
            [@"</script><script>alert(1)</script>\033[2J", "<img src=x onerror=alert(2)>"],
            data["layers"]!.AsArray().Select(layer => layer!["command"]!.GetValue<string>()));
        Assert.Equal(["/d/'-alert(1)-'", "/d/<!--"], data["wasted"]!.AsArray().Select(file => file![0]!.GetValue<string>()));
        Assert.Contains(data["config"]!.AsArray(), field => field![1]!.GetValue<string>() == @"<img src=x onerror=alert(1)>\342\200\250");
    }

    [Fact]
    public async Task The_map_adds_up_to_the_files_of_a_container()
    {
        await PageImages.WriteAsync(_directory.Path);
        var report = await TestSession.RunAsync(_directory["cache"],
            session => ImageInspection.WritePageAsync(PageImages.Choice(_directory["hostile.tar"]), _directory["page.html"], session));
        Assert.Equal((_directory["page.html"], new FileInfo(_directory["page.html"]).Length), (report.Page.Path, report.Page.Length));
        var data = (await ParsedPage.ReadAsync(_directory["page.html"])).Data;
        var tree = data["tree"]!.AsArray();
        Assert.Equal(report.Report.FileBytes, tree[0]![2]!.GetValue<long>());
        Assert.Equal(0, data["omittedFiles"]!.GetValue<int>());
        // 15 files of d without the deleted one, the link, and the file with two names, which counts once.
        Assert.Equal(15 + 1 + 2, tree[0]![4]!.GetValue<int>());
        var files = tree.Select(node => node!.AsArray()).Where(node => node.Count == 5).ToArray();
        Assert.Equal(["h", "l"], files.Select(node => node[4]!.GetValue<string>()).Where(mark => mark != "").Order());
        var edited = tree.Single(node => node![1]!.GetValue<string>() == "'-alert(1)-'")!;
        Assert.Equal((3L, 1), (edited[2]!.GetValue<long>(), edited[3]!.GetValue<int>()));
        foreach (var (index, node) in tree.Index().Where(entry => entry.Item!.AsArray().Count == 7))
            Assert.Equal(node![2]!.GetValue<long>(), ChildrenOf(tree, index).Sum(child => child[2]!.GetValue<long>()));
        Assert.Equal(data["largest"]!.AsArray().OrderByDescending(file => file![1]!.GetValue<long>()), data["largest"]!.AsArray());
        Assert.Equal(
            files.Sum(node => node[2]!.GetValue<long>()),
            data["largest"]!.AsArray().Sum(file => file![1]!.GetValue<long>()));
    }

    [Fact]
    public async Task The_same_image_gives_the_same_bytes_wherever_it_is()
    {
        await PageImages.WriteAsync(_directory.Path);
        var first = (await PageOfAsync("hostile.tar")).Text;
        File.Move(_directory["hostile.tar"], _directory["elsewhere.tar"]);
        Assert.Equal(first, (await PageOfAsync("elsewhere.tar")).Text);
    }

    [Fact]
    public async Task A_failure_leaves_an_earlier_page_and_no_other_file()
    {
        await PageImages.WriteAsync(_directory.Path);
        await File.WriteAllTextAsync(_directory["page.html"], "earlier");
        await File.WriteAllTextAsync(_directory["broken.tar"], "no image");
        await Assert.ThrowsAsync<InputException>(() => PageOfAsync("broken.tar"));
        Assert.Equal("earlier", await File.ReadAllTextAsync(_directory["page.html"]));
        Assert.Empty(Directory.GetFileSystemEntries(_directory.Path, ".page.html*"));
        await Assert.ThrowsAsync<InputException>(() => TestSession.RunAsync(_directory["cache"],
            session => ImageInspection.WritePageAsync(PageImages.Choice(_directory["hostile.tar"]), _directory["missing/page.html"], session)));
    }

    private static IEnumerable<JsonArray> ChildrenOf(JsonArray tree, int parent) =>
        tree.Select(node => node!.AsArray()).Where(node => node[0]!.GetValue<int>() == parent);

    private async Task<ParsedPage> PageOfAsync(string image)
    {
        await TestSession.RunAsync(_directory["cache"],
            session => ImageInspection.WritePageAsync(PageImages.Choice(_directory[image]), _directory["page.html"], session));
        return await ParsedPage.ReadAsync(_directory["page.html"]);
    }
}
