using System.Text.Json;
using System.Text.Json.Nodes;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Json;

namespace OverlayImg.Builders.ImageBuilds;

/// <summary>The <c>json</c> of a layer as dockerTools' buildImage leaves it, and the layer's ID (spec dockertools, 1.11, step 8).</summary>
/// <param name="LayerId">Digest of the text before the ID itself and the size are in it.</param>
/// <param name="Text">The text, as jshon prints it.</param>
internal sealed record LayerJson(Digest LayerId, byte[] Text)
{
    /// <summary>Makes it.</summary>
    /// <param name="baseJson">What it starts from.</param>
    /// <param name="checksum">TarSum of the layer without its closure.</param>
    /// <param name="parent">The base's image ID; null without a base.</param>
    /// <param name="size">Of the layer's tar in bytes.</param>
    public static LayerJson Of(JsonObject baseJson, string checksum, Digest? parent, long size)
    {
        var json = baseJson.DeepClone().AsObject();
        json["checksum"] = checksum;
        if (parent is { } below) json["parent"] = below.Hex;
        var id = Digest.Of(Print(json));
        json["id"] = id.Hex;
        json["Size"] = size;
        return new(id, Print(json));
    }

    private static byte[] Print(JsonObject json)
    {
        using var document = JsonDocument.Parse(json.ToJsonString());
        return JshonText.Write(document.RootElement);
    }
}
