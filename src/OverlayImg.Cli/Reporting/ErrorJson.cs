using System.Text.Json;
using OverlayImg.Builders;
using OverlayImg.Sandbox;

namespace OverlayImg.Cli.Reporting;

/// <summary>An error as <c>--json</c> prints it: <c>{"error": {...}, "warnings": [...]}</c>.</summary>
internal static class ErrorJson
{
    public static void Write(Utf8JsonWriter writer, OverlayImgException exception, IReadOnlyList<string> warnings)
    {
        writer.WriteStartObject("error");
        writer.WriteNumber("exitCode", ExitCodes.Of(exception));
        writer.WriteString("message", exception.Describe());
        if (exception is InputException { Where: var where })
        {
            if (where.File is not null) writer.WriteString("file", where.File);
            if (where.Layer is not null) writer.WriteString("layer", where.Layer);
            if (where.Path is not null) writer.WriteString("path", where.Path);
            if (where.Offset is { } offset) writer.WriteNumber("offset", offset);
        }

        if (exception is ScriptException script)
        {
            writer.WriteString("phase", script.Result.FailedPhaseName);
            writer.WriteNumber("status", script.Status);
            writer.WriteTexts("lastLines", script.Result.LastLines);
        }

        if (exception is IrreproducibleException { Differences: var differences })
        {
            writer.WriteStartArray("paths");
            foreach (var difference in differences) PathDifferenceText.Write(writer, difference);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
        writer.WriteTexts("warnings", warnings);
    }
}
