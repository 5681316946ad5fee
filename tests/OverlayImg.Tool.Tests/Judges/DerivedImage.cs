using System.Security.Cryptography;
using System.Text.Json.Nodes;
using OverlayImg.Testing;

namespace OverlayImg.Tool.Tests.Judges;

/// <summary>Adds layers to the image of a base archive without overlayimg: with GNU tar and a generated config.</summary>
public static class DerivedImage
{
    /// <summary>The default name of the derived image.</summary>
    public const string Name = "overlayimg-test:derived";

    /// <summary>
    /// Writes <paramref name="archive"/>: the first image of <paramref name="baseArchive"/> (null for none) with
    /// <paramref name="layerTars"/> on top.
    /// </summary>
    public static Task WriteAsync(string archive, string? baseArchive, params string[] layerTars) =>
        WriteNamedAsync(Name, archive, baseArchive, layerTars);

    /// <summary>Writes a derived image with another name, for clients that hold the images of several tests.</summary>
    public static async Task WriteNamedAsync(string name, string archive, string? baseArchive, params string[] layerTars)
    {
        using var work = new TemporaryDirectory();
        JsonObject config = new()
        {
            ["architecture"] = "amd64",
            ["os"] = "linux",
            ["config"] = new JsonObject(),
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray() }
        };
        JsonObject manifest = new() { ["RepoTags"] = new JsonArray(), ["Layers"] = new JsonArray() };
        if (baseArchive is not null)
        {
            await Testing.Tool.OutputAsync("tar", "-xf", baseArchive, "-C", work.Path);
            manifest = JsonNode.Parse(await File.ReadAllTextAsync(work["manifest.json"]))![0]!.AsObject();
            config = JsonNode.Parse(await File.ReadAllTextAsync(work[manifest["Config"]!.GetValue<string>()]))!.AsObject();
        }

        foreach (var layer in layerTars)
        {
            var digest = await DigestAsync(layer);
            var member = $"{digest}/layer.tar";
            Directory.CreateDirectory(work[digest]);
            File.Copy(layer, work[member], overwrite: true);
            manifest["Layers"]!.AsArray().Add((JsonNode)member);
            config["rootfs"]!["diff_ids"]!.AsArray().Add((JsonNode)$"sha256:{digest}");
        }

        config.Remove("history");
        var configText = System.Text.Encoding.UTF8.GetBytes(config.ToJsonString());
        var configName = Convert.ToHexStringLower(SHA256.HashData(configText)) + ".json";
        await File.WriteAllBytesAsync(work[configName], configText);
        manifest["Config"] = configName;
        manifest["RepoTags"] = new JsonArray((JsonNode)name);
        await File.WriteAllTextAsync(work["manifest.json"], new JsonArray(manifest.DeepClone()).ToJsonString());
        var members = manifest["Layers"]!.AsArray().Select(layer => layer!.GetValue<string>()).Distinct();
        (await Testing.Tool.RunAsync("tar", ["-C", work.Path, "-cf", archive, "manifest.json", configName, .. members])).Succeeded();
    }

    /// <summary>Returns the SHA-256 of a file in hexadecimal digits.</summary>
    public static async Task<string> DigestAsync(string path)
    {
        await using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream));
    }
}
