using System.Text.Json;
using System.Text.Json.Nodes;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Json;

namespace OverlayImg.Builders.ImageBuilds;

/// <summary>The <c>json</c> file of a layer as dockerTools' buildImage writes it, and the layer's ID.</summary>
/// <param name="LayerId">Digest of the text without the members <c>id</c> and <c>Size</c>.</param>
/// <param name="Text">The complete text, formatted like the output of jshon.</param>
internal sealed record LayerJson(Digest LayerId, byte[] Text)
{
    /// <summary>Adds checksum, parent, ID and size to the members of <paramref name="baseJson"/>.</summary>
    /// <param name="baseJson">Architecture, config and creation time of the layer.</param>
    /// <param name="checksum">TarSum of the layer without its closure.</param>
    /// <param name="parent">Image ID of the base image; null without a base image.</param>
    /// <param name="size">Size of the layer's tar in bytes.</param>
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
