using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using OverlayImg.Builders.Pages;
using OverlayImg.FileSystems;

namespace OverlayImg.Builders.Tests.Pages;

/// <summary>A page stays small for every image: the largest files are kept, and the others are counted.</summary>
public sealed class FileMapTests
{
    [Fact]
    public void A_directory_keeps_its_largest_entries_and_counts_the_others()
    {
        var root = new MapNode(ByteString.Empty, null);
        var directory = root.Add(ByteString.FromText("d"));
        for (var size = 1; size <= 1500; size++) directory.Add(ByteString.FromText($"f{size}")).Count(size, size % 3, null);
        var map = Write(new FileMap(root));
        var tree = map["tree"]!.AsArray();
        Assert.Equal(2 + 1000, tree.Count);
        Assert.Equal(Enumerable.Range(0, 1000).Select(place => 1500 - place), tree.Skip(2).Select(node => node![2]!.GetValue<int>()));
        // [parent, name, size, tone, files, omitted files, omitted bytes]: the sizes are 1 to 1500, and 1 to 500 are left out.
        Assert.Equal($"[0,\"d\",{1500 * 1501 / 2},0,1500,500,{500 * 501 / 2}]", tree[1]!.ToJsonString());
        Assert.Equal(500, map["omittedFiles"]!.GetValue<int>());
    }

    [Fact]
    public void All_directories_together_keep_the_largest_entries()
    {
        var root = new MapNode(ByteString.Empty, null);
        for (var number = 0; number < 200; number++)
        {
            var directory = root.Add(ByteString.FromText($"d{number}"));
            for (var file = 0; file < 500; file++) directory.Add(ByteString.FromText($"f{file}")).Count(1 + number, number, null);
        }

        var map = Write(new FileMap(root));
        var tree = map["tree"]!.AsArray();
        Assert.Equal(FileMap.Maximum, tree.Count);
        Assert.Equal(200 * 500 - (FileMap.Maximum - 1 - 200), map["omittedFiles"]!.GetValue<int>());
        var omitted = tree.Skip(1).Take(200).ToDictionary(node => node![1]!.GetValue<string>(), node => node![5]!.GetValue<int>());
        Assert.Equal((0, 500), (omitted["d199"], omitted["d0"]));
        Assert.Equal(map["omittedFiles"]!.GetValue<int>(), omitted.Values.Sum());
    }

    [Fact]
    public void Long_names_do_not_make_a_long_page()
    {
        var root = new MapNode(ByteString.Empty, null);
        for (var number = 0; number < 60; number++)
        {
            var directory = root.Add(ByteString.FromText($"{number}"));
            for (var file = 0; file < 900; file++) directory.Add(ByteString.FromText($"{file}".PadLeft(4000, '<'))).Count(1, 0, null);
        }

        var map = Write(new FileMap(root));
        Assert.InRange(map["tree"]!.AsArray().Count, 2000, 2300);
        Assert.Equal(60 * 900, map["omittedFiles"]!.GetValue<int>() + map["tree"]!.AsArray().Count - 61);
    }

    [Fact]
    public void Depth_and_stated_sizes_have_no_limit()
    {
        var root = new MapNode(ByteString.Empty, null);
        var directory = root;
        for (var depth = 0; depth < 2000; depth++) directory = directory.Add(ByteString.FromText("d"));
        foreach (var name in (string[])["a", "b", "c"]) directory.Add(ByteString.FromText(name)).Count(long.MaxValue - 1, 0, null);
        var tree = Write(new FileMap(root))["tree"]!.AsArray();
        Assert.Equal(1 + 2000 + 3, tree.Count);
        Assert.Equal(long.MaxValue, tree[0]![2]!.GetValue<long>());
    }

    private static JsonNode Write(FileMap map)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(text))
        {
            writer.WriteStartObject();
            map.Write(writer);
            writer.WriteEndObject();
        }

        return JsonNode.Parse(text.WrittenSpan)!;
    }
}
