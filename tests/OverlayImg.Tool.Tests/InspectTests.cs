using System.Globalization;
using System.Text.Json.Nodes;
using OverlayImg.Testing;
using OverlayImg.Tool.Tests.Judges;

namespace OverlayImg.Tool.Tests;

/// <summary>Compares the output of <c>inspect</c> and <c>validate</c> with tar, skopeo and calculated values.</summary>
public sealed class InspectTests(InstalledTool tool) : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Layer_figures_equal_those_of_tar_and_skopeo()
    {
        var report = (await InspectAsync(InstalledTool.DebianBase))["images"]![0]!;
        await Testing.Tool.BashAsync($"tar -xf {InstalledTool.DebianBase}", _directory.Path);
        var config = await Testing.Tool.BashAsync(
            $"skopeo inspect --config --raw docker-archive:{InstalledTool.DebianBase} > config; sha256sum config", _directory.Path);
        Assert.Equal("sha256:" + config[..64], report["imageId"]!.GetValue<string>());
        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse(await File.ReadAllTextAsync(_directory["config"], TestContext.Current.CancellationToken)), report["config"]));
        var names = (await Testing.Tool.BashAsync("jq -r '.[0].Layers[]' manifest.json", _directory.Path))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
        foreach (var (name, layer) in names.Zip(report["layers"]!.AsArray()))
        {
            var expected = await Testing.Tool.BashAsync(
                $"sha256sum {name} | cut -c -64; stat -c %s {name}; tar tf {name} | wc -l; tar tf {name} | grep -c '/\\.wh\\.' || true; " +
                $"tar tvf {name} | awk '/^-/ {{ sum += $3 }} END {{ print sum + 0 }}'", _directory.Path);
            string[] keys = ["diffId", "size", "entries", "whiteouts", "fileBytes"];
            Assert.Equal(
                expected, string.Concat(keys.Select(key => layer![key]!.ToString().Replace("sha256:", "", StringComparison.Ordinal) + "\n")));
        }
    }

    [Fact]
    public async Task Wasted_bytes_count_files_that_later_layers_overwrite_or_delete()
    {
        await LayersAsync(
            "mkdir -p gone/deep opaque kept; echo 12345 > over; head -c 1000 /dev/zero > gone/deep/a; head -c 300 /dev/zero > opaque/b; " +
            "echo k > kept/k; " +
            "head -c 5000 /dev/zero > linked; ln linked other; head -c 70 /dev/zero > $'odd\\e[2J'; touch empty",
            "echo 123456 > over; mkdir opaque; touch .wh.gone opaque/.wh..wh..opq .wh.linked .wh.empty; echo same > opaque/new; " +
            "touch $'.wh.odd\\e[2J'",
            "touch .wh.over; touch .wh.other");
        var report = (await InspectAsync(_directory["image.tar"]))["images"]![0]!;
        var wasted = report["wasted"]!.AsArray().Select(file =>
            $"{file!["path"]} {file["size"]} {file["layer"]}-{file["goneByLayer"]} " +
            $"{(file["deleted"]!.GetValue<bool>() ? "deleted" : "overwritten")}");
        Assert.Equal(
        [
            // The second layer deletes one of the file's two names, the third layer deletes the other.
            "linked 5000 1-2 deleted", "gone/deep/a 1000 1-2 deleted", "opaque/b 300 1-2 deleted", "odd\\033[2J 70 1-2 deleted",
            "over 7 2-3 deleted", "over 6 1-2 overwritten",
        ], wasted);
        Assert.Equal(5000 + 1000 + 300 + 70 + 7 + 6, report["wastedBytes"]!.GetValue<long>());
        Assert.Equal("k\nsame\n".Length, report["fileBytes"]!.GetValue<long>());

        var listing = (await tool.RunAsync(["inspect", _directory["image.tar"]])).Succeeded().StandardOutput;
        Assert.Contains("wasted: 6.2 KiB in 6 files", listing, StringComparison.Ordinal);
        Assert.DoesNotContain(listing, character => char.IsControl(character) && character != '\n');

        // Each layer is 10 KiB or 20 KiB long, and the bar of the longest layer has 40 characters.
        Assert.Matches(@"\n    1  20 KiB, [^\n]+\n       #+x+  6\.2 KiB wasted\n       diff ID ", listing);
        Assert.Matches(@"\n    2  10 KiB, [^\n]+\n       #{19}x\.{20}  7 B wasted\n", listing);
        Assert.Matches(@"\n    3  10 KiB, [^\n]+\n       #{20}\.{20}\n", listing);
        Assert.Equal([6376, 7, 0], report["layers"]!.AsArray().Select(layer => layer!["wastedBytes"]!.GetValue<long>()));
    }

    [Fact]
    public async Task Waste_above_the_limit_fails_after_the_listing_and_names_the_largest_files()
    {
        await LayersAsync(
            "head -c 6000 /dev/zero > cache; head -c 3000 /dev/zero > kept; for i in 1 2 3 4 5; do head -c $((i * 10)) /dev/zero > $i; done",
            "touch .wh.cache .wh.1 .wh.2 .wh.3 .wh.4 .wh.5");
        // 6150 of 9150 bytes are 67.2131...%.
        foreach (var allowed in (string[])["67.3%", "100%", "7K", "1"])
            (await tool.RunAsync(["inspect", _directory["image.tar"], "--max-waste", allowed])).Succeeded();
        foreach (var (limit, told) in ((string, string)[])[("5%", "5%"), ("67.21%", "67.21%"), ("6K", "6 KiB"), ("0", "0 B"), ("0%", "0%")])
        {
            var run = await tool.RunAsync(["inspect", _directory["image.tar"], "--max-waste", limit]);
            Assert.Equal(3, run.ExitCode);
            Assert.Contains("wasted: 6 KiB in 6 files", run.StandardOutput, StringComparison.Ordinal);
            Assert.Contains(
                $": 67.22% of the bytes of files are wasted (6 KiB of 8.9 KiB), which is more than the limit of {told}. ",
                run.StandardError, StringComparison.Ordinal);
            Assert.Matches(
                @"\n +5\.9 KiB  cache  \(layer 1, deleted by layer 2\)\n +50 B  5  \(layer 1, [^\n]+\n(?:[^\n]+\n){3} +and 1 more\n",
                run.StandardError);
            Assert.Contains("(--max-waste)", run.StandardError, StringComparison.Ordinal);
        }

        var failed = await tool.RunAsync(["inspect", _directory["image.tar"], "--max-waste", "5%", "--json"]);
        var json = JsonNode.Parse(failed.StandardOutput)!;
        Assert.Equal((3, 3), (failed.ExitCode, json["error"]!["exitCode"]!.GetValue<int>()));
        Assert.Equal("5%", json["maxWaste"]!.GetValue<string>());
        Assert.Equal(6150, json["images"]![0]!["wastedBytes"]!.GetValue<long>());
        Assert.Equal(67.21, json["images"]![0]!["wastedPercent"]!.GetValue<double>());
        Assert.Equal(6, json["images"]![0]!["wasted"]!.AsArray().Count);
        foreach (var wrong in (string[])["", "%", "x", "-1%", "101%", "5,5%", "1e1%", "-5", "5%%"])
            Assert.Equal(2, (await tool.RunAsync(["inspect", _directory["image.tar"], $"--max-waste={wrong}"])).ExitCode);
    }

    [Fact]
    public async Task Control_characters_of_the_image_do_not_reach_the_terminal()
    {
        await LayersAsync("echo 1 > a");
        await Testing.Tool.BashAsync("""
            mkdir x; tar -C x -xf image.tar; cd x
            c=$(jq -r '.[0].Config' manifest.json)
            jq -c '.config = {Env: ["A=\u001b]0;owned\u0007"], Labels: {"\u009bK": "\u202e"}}
              | .history = [{created_by: "RUN \u001b[2J"}] | .created = "\u0000"' $c > new.json
            jq -c '.[0].Config = "new.json" | .[0].RepoTags = ["x:\u001b[2J"]' manifest.json > t; mv t manifest.json
            tar -cf ../hostile.tar *
            """, _directory.Path);
        foreach (var option in (string[][])[[], ["--config"], ["--layers"], ["--json"]])
        {
            var listing = (await tool.RunAsync(["inspect", _directory["hostile.tar"], .. option])).Succeeded().StandardOutput;
            Assert.DoesNotContain(listing, character => (char.IsControl(character) && character != '\n')
                || (!option.Contains("--json") && CharUnicodeInfo.GetUnicodeCategory(character) == UnicodeCategory.Format));
        }

        var validation = await tool.RunAsync(["validate", _directory["hostile.tar"]]);
        Assert.Equal(3, validation.ExitCode);
        Assert.DoesNotContain(validation.StandardOutput, character => char.IsControl(character) && character != '\n');
    }

    [Fact]
    public async Task A_sound_archive_is_valid_and_a_flipped_byte_is_found()
    {
        var sound = await tool.RunAsync(["validate", InstalledTool.DebianBase]);
        Assert.True((sound.ExitCode, sound.StandardOutput) == (0, ""), sound.StandardOutput + sound.StandardError);
        await Testing.Tool.BashAsync(
            $"cp {InstalledTool.DebianBase} damaged.tar; printf X | dd of=damaged.tar bs=1 seek=60000000 conv=notrunc status=none", _directory.Path);
        await using var damaged = File.OpenRead(_directory["damaged.tar"]);
        var run = await tool.RunAsync(["validate", "-", "--json"], damaged);
        Assert.Equal(3, run.ExitCode);
        var findings = JsonNode.Parse(run.StandardOutput)!["findings"]!.AsArray();
        Assert.Equal("layer-diff-id", Assert.Single(findings)!["rule"]!.GetValue<string>());
    }

    [Fact]
    public async Task All_images_of_an_archive_are_shown_or_the_selected_image()
    {
        await BusyboxImage.WriteAsync(_directory["busybox.tar"]);
        await LayersAsync("echo 1 > a");
        await Testing.Tool.BashAsync("skopeo --insecure-policy copy -q docker-archive:image.tar docker-archive:other.tar:other:1", _directory.Path);
        (await tool.RunAsync(["merge-images", _directory["busybox.tar"], _directory["other.tar"], "-o", _directory["both.tar"]])).Succeeded();
        Assert.Equal(2, (await InspectAsync(_directory["both.tar"]))["images"]!.AsArray().Count);
        Assert.Single((await InspectAsync($"docker-archive:{_directory["both.tar"]}:other:1"))["images"]!.AsArray());
        Assert.Single((await InspectAsync(_directory["both.tar"], "--name", "other"))["images"]!.AsArray());
        var page = await tool.RunAsync(["inspect", _directory["both.tar"], "--html", _directory["page.html"]]);
        Assert.Equal(3, page.ExitCode);
        Assert.Contains("has 2 images, and a page shows one: ", page.StandardError, StringComparison.Ordinal);
        Assert.Contains("(--name, --tag)", page.StandardError, StringComparison.Ordinal);
        (await tool.RunAsync(["inspect", _directory["both.tar"], "--name", "other", "--html", _directory["page.html"]])).Succeeded();
        Assert.Equal(3, (await tool.RunAsync(["inspect", _directory["both.tar"], "--name", "nothing"])).ExitCode);
    }

    [Fact]
    public async Task The_page_goes_to_a_file_or_to_stdout()
    {
        await LayersAsync("head -c 6000 /dev/zero > a; echo b > b", "touch .wh.a");
        var run = await tool.RunAsync(["inspect", "image.tar", "--html", "page.html", "--max-waste", "5%", "--json"], directory: _directory.Path);
        // The page is written although the image is above the limit, so that a reader sees why.
        Assert.Equal(3, run.ExitCode);
        var html = JsonNode.Parse(run.StandardOutput)!["html"]!;
        Assert.Equal(("page.html", new FileInfo(_directory["page.html"]).Length), (html["path"]!.GetValue<string>(), html["size"]!.GetValue<long>()));
        var page = await File.ReadAllBytesAsync(_directory["page.html"]);
        Assert.Equal(page, (await tool.RunAsync(["inspect", _directory["image.tar"], "--html", "-"])).Succeeded().StandardOutputBytes);

        var plain = (await tool.RunAsync(["inspect", "image.tar", "--html", "page.html"], directory: _directory.Path)).Succeeded();
        Assert.Empty(plain.StandardOutput);
        Assert.StartsWith($"page.html: a page about {DerivedImage.Name}, ", plain.StandardError, StringComparison.Ordinal);
        foreach (var wrong in (string[][])[["--html", "-", "--json"], ["--html", ""], ["--html", "page.html", "--layers"]])
            Assert.Equal(2, (await tool.RunAsync(["inspect", "image.tar", .. wrong], directory: _directory.Path)).ExitCode);
        Assert.Equal(3, (await tool.RunAsync(["inspect", "image.tar", "--html", "missing/page.html"], directory: _directory.Path)).ExitCode);
    }

    private async Task LayersAsync(params string[] scripts)
    {
        var layers = new List<string>();
        foreach (var script in scripts)
        {
            var name = $"layer{layers.Count}";
            await Testing.Tool.BashAsync($"mkdir {name}; cd {name}; {script}\ntar --sort=name -cf ../{name}.tar .", _directory.Path);
            layers.Add(_directory[$"{name}.tar"]);
        }

        await DerivedImage.WriteAsync(_directory["image.tar"], null, [.. layers]);
    }

    private async Task<JsonNode> InspectAsync(params string[] arguments) =>
        JsonNode.Parse((await tool.RunAsync(["inspect", .. arguments, "--json"])).Succeeded().StandardOutput)!;
}
