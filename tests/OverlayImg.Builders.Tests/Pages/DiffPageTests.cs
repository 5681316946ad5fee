using System.Text.Json.Nodes;
using OverlayImg.Builders.Diffs;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.Pages;

public sealed class DiffPageTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Hostile_names_become_text_and_nothing_else()
    {
        await PageImages.WriteAsync(_directory.Path);
        var page = await PageOfAsync("hostile.tar", "edited.tar");
        page.AssertIsNothingButItsTemplate(await PageOfAsync("harmless.tar", "harmless.tar"));
        Assert.Equal("evil</title><script>alert(1)</script>{{data}}:1 and \"><b>:2", page.Title);
        Assert.Equal(page.Text, (await PageOfAsync("hostile.tar", "edited.tar")).Text);
    }

    [Fact]
    public async Task Paths_have_their_sizes_and_layers_in_both_images()
    {
        await PageImages.WriteAsync(_directory.Path);
        var data = (await PageOfAsync("hostile.tar", "edited.tar")).Data;
        // [path, change, first size, second size, first layer, second layer, aspects, further aspects]; the largest files come first.
        var paths = data["paths"]!.AsArray().Select(path => $"{path![0]} {path[1]} {path[2]} {path[3]} {path[4]} {path[5]}");
        Assert.Equal(
        [
            "/d/'-alert(1)-' 2 3 998 1 0", "/d/<!-- 0  994  0", "/d/]]> 2 993 7 0 0", "/d/&lt;b&gt; 1 992  0 ", "/d/new<td> 0  70  0", "/l 2   0 0",
        ], paths);
        Assert.Equal("""[["target","</b>","<i>"]]""", Unescaped(data["paths"]![5]![6]!));
        Assert.Equal(
            ["[2,1064]", "[1,-992]", "[3,9]"],
            data["totals"]!.AsArray().Select(total => total!.ToJsonString()));
        Assert.Equal(
            data["second"]!["fileBytes"]!.GetValue<long>() - data["first"]!["fileBytes"]!.GetValue<long>(),
            data["totals"]!.AsArray().Sum(total => total![1]!.GetValue<long>()));
        Assert.Equal([3, 1], data["first"]!["layers"]!.AsArray().Select(layer => layer!["paths"]!.GetValue<int>()));
        Assert.Contains("""["config.User",null,"<script>"]""", data["fields"]!.AsArray().Select(field => Unescaped(field!)));
        var map = data["tree"]!.AsArray();
        Assert.Equal(998 + 994 + 993 + 992 + 70, map[0]![2]!.GetValue<long>());
    }

    [Fact]
    public async Task Layers_that_both_images_have_are_marked()
    {
        await PageImages.WriteAsync(_directory.Path);
        var same = (await PageOfAsync("hostile.tar", "hostile.tar")).Data;
        Assert.All(same["first"]!["layers"]!.AsArray(), layer => Assert.True(layer!["common"]!.GetValue<bool>()));
        Assert.Empty(same["paths"]!.AsArray());
        var other = (await PageOfAsync("hostile.tar", "edited.tar")).Data;
        Assert.All(other["first"]!["layers"]!.AsArray(), layer => Assert.False(layer!["common"]!.GetValue<bool>()));
    }

    private static string Unescaped(JsonNode node) =>
        node.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    private async Task<ParsedPage> PageOfAsync(string first, string second)
    {
        var options = new ImageDiffOptions(PageImages.Choice(_directory[first]), PageImages.Choice(_directory[second]), WithTimes: false);
        await TestSession.RunAsync(_directory["cache"], session => ImageDiff.WritePageAsync(options, _directory["page.html"], session));
        return await ParsedPage.ReadAsync(_directory["page.html"]);
    }
}
