using System.Text.Json;
using OverlayImg.Cli.Exits;
using OverlayImg.Layers.Checks;
using OverlayImg.Sandbox.Jobs;

namespace OverlayImg.Cli.Reporting;

/// <summary>Writes a failure as the JSON object of <c>--json</c>: <c>{"error": {...}, "warnings": [...]}</c>.</summary>
internal static class ErrorJson
{
    public static void Write(Utf8JsonWriter writer, Failure failure, IReadOnlyList<string> warnings)
    {
        WriteError(writer, failure);
        writer.WriteTexts("warnings", warnings);
    }

    /// <summary>Writes the member <c>error</c>.</summary>
    public static void WriteError(Utf8JsonWriter writer, Failure failure)
    {
        writer.WriteStartObject("error");
        writer.WriteNumber("exitCode", failure.ExitCode);
        writer.WriteString("message", failure.Message.Length > 0 ? failure.Message : failure.Cause.Message);
        if (failure.Cause is InputException { Where: var where })
        {
            if (where.File is not null) writer.WriteString("file", where.File);
            if (where.Layer is not null) writer.WriteString("layer", where.Layer);
            if (where.Path is not null) writer.WriteString("path", where.Path);
            if (where.Offset is { } offset) writer.WriteNumber("offset", offset);
        }

        if (failure.Cause is ScriptException script)
        {
            writer.WriteString("phase", script.Result.FailedPhaseName);
            writer.WriteNumber("status", script.Status);
            if (script.Result.FailedScript is { } failed) WriteScript(writer, failed);
            writer.WriteTexts("lastLines", script.Result.LastLines);
        }

        if (failure.Cause is IrreproducibleException { Differences: var differences })
        {
            writer.WriteStartArray("paths");
            foreach (var difference in differences) PathDifferenceText.Write(writer, difference);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    // Of commands, "command" is their text. Of a script, it is the command that ended the script, which is not always known.
    private static void WriteScript(Utf8JsonWriter writer, FailedScript failed)
    {
        if (failed.Step is { } step) writer.WriteNumber("step", step);
        if (failed is { IsCommands: false, Name: { } name }) writer.WriteString("script", name);
        if (failed.Command is { Line: { } line }) writer.WriteNumber("line", line);
        if ((failed.IsCommands ? failed.Name : failed.Command?.Text) is { } command) writer.WriteString("command", command);
        if (failed.Command is { } ended) writer.WriteNumber("commandStatus", ended.Status);
    }
}
