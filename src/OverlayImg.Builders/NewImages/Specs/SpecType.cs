using System.Text.Json.Nodes;

namespace OverlayImg.Builders.NewImages.Specs;

/// <summary>A kind of values in a spec: how they are read, and how JSON Schema describes them.</summary>
/// <param name="Form">What a value should be, for messages: "a text".</param>
/// <param name="Schema">The schema's keywords, but for <c>null</c>, which every attribute may be.</param>
/// <param name="Read">The value; null where it is not of this kind.</param>
internal sealed record SpecType<T>(string Form, JsonObject Schema, Func<JsonNode, SpecPlace, T?> Read) where T : notnull;
