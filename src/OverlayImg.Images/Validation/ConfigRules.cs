using System.Globalization;
using System.Text.Json;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Json;

namespace OverlayImg.Images.Validation;

/// <summary>The parts of an image config that other rules need.</summary>
/// <param name="DiffIds">Diff IDs of the layers; null for an unreadable one.</param>
internal sealed record CheckedConfig(IReadOnlyList<Digest?> DiffIds);

/// <summary>Rules for image configs (OCI Image Specification, config).</summary>
internal static class ConfigRules
{
    private const string Type = "config-type";
    private static readonly string[] Texts = ["author", "variant", "os.version"];

    /// <summary>Checks a config; null if the document is not an object.</summary>
    public static CheckedConfig? Check(CheckedJson config)
    {
        if (!config.IsObject(Type)) return null;
        foreach (var key in (string[])["architecture", "os"])
        {
            if (config.Required("config-platform", key)?.Text(Type) is "") config.Error("config-platform", $"\"{key}\" is empty");
        }

        foreach (var key in Texts) config.Member(key)?.Text(Type);
        foreach (var feature in config.Member("os.features")?.Items(Type) ?? []) feature.Text(Type);
        if (config.Member("created") is { } created) CheckTime(created);
        if (config.Member("config") is { } container) ContainerConfigRules.Check(container);
        var diffIds = DiffIds(config);
        CheckHistory(config, diffIds.Count);
        return new(diffIds);
    }

    private static IReadOnlyList<Digest?> DiffIds(CheckedJson config)
    {
        if (config.Required("config-rootfs", "rootfs") is not { } rootfs || !rootfs.IsObject(Type)) return [];
        if (rootfs.Required("config-rootfs", "type") is { } type && type.Text(Type) is { } text && text != "layers")
            type.Error("config-rootfs", $"is '{JsonInput.Printable(text)}'; only 'layers' is defined");
        if (rootfs.Member("diff_ids") is { } diffIds) return [.. diffIds.Items(Type).Select(diffId => diffId.Digest("config-diff-id"))];
        // Programs in Go write null for an image without layers.
        if (!rootfs.HasKey("diff_ids")) rootfs.Error("config-rootfs", "lacks \"diff_ids\"");
        return [];
    }

    private static void CheckHistory(CheckedJson config, int layers)
    {
        if (config.Member("history") is not { } history) return;
        var entries = history.Items(Type);
        foreach (var entry in entries) CheckHistory(entry);
        var makers = entries.Count(entry => entry.Member("empty_layer") is not { Kind: JsonValueKind.True });
        if (entries.Count > 0 && makers != layers)
            history.Error("config-history", $"has {makers} entries with a layer, but there are {layers} diff IDs");
    }

    private static void CheckHistory(CheckedJson entry)
    {
        if (!entry.IsObject(Type)) return;
        foreach (var key in (string[])["author", "created_by", "comment"]) entry.Member(key)?.Text(Type);
        if (entry.Member("created") is { } created) CheckTime(created);
        else entry.Warn("config-history-created", "has no time (\"created\"), without which docker, podman and umoci crash");
        entry.Member("empty_layer")?.IsBoolean(Type);
    }

    // RFC 3339, section 5.6: a full date and time with an offset.
    private static void CheckTime(CheckedJson time)
    {
        if (time.Text(Type) is not { } text) return;
        var isForm = text.Length >= 20 && text[10] is 'T' or 't' && (text[^1] is 'Z' or 'z' || text[^6] is '+' or '-');
        if (!isForm || !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
            time.Error("config-created", $"is '{JsonInput.Printable(text)}', which is not a time of RFC 3339");
    }
}
