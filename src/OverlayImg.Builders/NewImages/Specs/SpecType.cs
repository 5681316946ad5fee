using System.Text.Json.Nodes;

namespace OverlayImg.Builders.NewImages.Specs;

/// <summary>A type of values in a spec, with its reader and its JSON Schema.</summary>
/// <param name="Form">The expected value, for messages, such as "a text".</param>
/// <param name="Schema">The keywords of the schema, without <c>null</c>, which every attribute may be.</param>
/// <param name="Read">Returns the value; null if the JSON value has another type.</param>
internal sealed record SpecType<T>(string Form, JsonObject Schema, Func<JsonNode, SpecPlace, T?> Read) where T : notnull;
