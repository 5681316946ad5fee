using System.Text.Json.Nodes;
using OverlayImg.FileSystems;
using OverlayImg.Images.Json;

namespace OverlayImg.Builders.NewImages.Specs;

/// <summary>Reads image specs, and describes them as JSON Schema.</summary>
public static class ImageSpecFile
{
    private const string Dialect = "https://json-schema.org/draft/2020-12/schema";

    /// <summary>Reads a spec for dockerTools' buildImage; <c>-</c> is stdin.</summary>
    /// <exception cref="InputException">The spec can't be read, or has an unknown attribute or a wrong value.</exception>
    public static Task<ImageSpec> ReadAsync(string path, CancellationToken cancellationToken) => ReadAsync(path, SpecKind.Image, cancellationToken);

    /// <summary>Reads a spec of the given kind; <c>-</c> is stdin.</summary>
    /// <exception cref="InputException">The spec can't be read, or has an unknown attribute or a wrong value.</exception>
    public static async Task<ImageSpec> ReadAsync(string path, SpecKind kind, CancellationToken cancellationToken)
    {
        var json = await JsonObjectText.ReadAsync(path, cancellationToken);
        var place = new SpecPlace(path);
        var where = new InputLocation(path == "-" ? "stdin" : path);
        var (old, current) = SpecAttributes.Contents;
        if (kind == SpecKind.Image && json[old] is not null && json[current] is not null)
        {
            throw new InputException($"has both {old} and {current}, which are two names of the same attribute", where)
            {
                Advice = $"Keep {current}.",
            };
        }

        var spec = ImageSpec.Empty;
        foreach (var (name, value) in json)
        {
            if (value is null && SpecAttributes.OfOthers(kind).Any(attribute => attribute.Name == name)) continue;
            var attribute = SpecAttributes.Of(kind).FirstOrDefault(attribute => attribute.Name == name) ?? throw IsUnknown(name, kind, where);
            if (value is null) continue;
            spec = attribute.Read(spec, value, place) ?? throw new InputException($"{name} should be {attribute.Form}", where);
        }

        if (spec.Name is not null && ImageNaming.ProblemWith(spec.Name, spec.Tag) is { } problem) throw new InputException(problem, where);
        return spec;
    }

    /// <summary>The JSON Schema of specs (draft 2020-12).</summary>
    public static JsonObject Schema(SpecKind kind = SpecKind.Image)
    {
        var properties = new JsonObject();
        foreach (var attribute in SpecAttributes.Of(kind)) properties[attribute.Name] = SchemaOf(attribute);
        foreach (var attribute in SpecAttributes.OfOthers(kind)) properties[attribute.Name] = new JsonObject { ["type"] = "null" };
        var schema = new JsonObject
        {
            ["$schema"] = Dialect,
            ["title"] = kind == SpecKind.Image
                ? "Image spec of overlayimg build, with the attribute names of nixpkgs' dockerTools.buildImage"
                : "Image spec of overlayimg build-layered and stream-layered, with the attribute names of nixpkgs' dockerTools.buildLayeredImage",
            ["type"] = "object",
            ["properties"] = properties,
            ["additionalProperties"] = false,
        };
        if (kind == SpecKind.Image) schema["not"] = BothNamesOfContents();
        return schema;
    }

    private static JsonObject BothNamesOfContents()
    {
        var (old, current) = SpecAttributes.Contents;
        var present = new JsonObject { ["not"] = new JsonObject { ["type"] = "null" } };
        return new()
        {
            ["required"] = new JsonArray(old, current),
            ["properties"] = new JsonObject { [old] = present, [current] = present.DeepClone() },
        };
    }

    private static JsonObject SchemaOf(SpecAttribute attribute)
    {
        var schema = new JsonObject { ["description"] = attribute.Description };
        foreach (var (keyword, value) in attribute.Schema) schema[keyword] = value?.DeepClone();
        // Nix writes null for arguments that are not given.
        schema["type"] = schema["type"] switch
        {
            JsonArray types => new JsonArray([.. types.Select(type => type!.DeepClone()), "null"]),
            { } type => new JsonArray(type.DeepClone(), "null"),
            null => null,
        };
        if (schema["type"] is null) schema.Remove("type");
        return schema;
    }

    private static InputException IsUnknown(string name, SpecKind kind, InputLocation where)
    {
        string[] known = [.. SpecAttributes.Of(kind).Select(attribute => attribute.Name)];
        return new($"has the attribute '{DisplayName.Of(ByteString.FromText(name).Span)}', which is not known", where)
        {
            Advice = NearestName.Of(name, known) is { } nearest ? $"Did you mean {nearest}?" : $"Known are {string.Join(", ", known)}.",
        };
    }
}
