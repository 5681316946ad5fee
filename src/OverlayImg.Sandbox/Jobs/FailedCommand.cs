using System.Globalization;
using System.Text;
using OverlayImg.FileSystems;

namespace OverlayImg.Sandbox.Jobs;

/// <summary>The command that ended a bash script, as the traps of the guest recorded it (vm-images/PROTOCOL.md, "Failure record").</summary>
/// <param name="Text">The command on one line, as bash prints it, escaped for display.</param>
/// <param name="Status">The command's status.</param>
public sealed record FailedCommand(string Text, int Status)
{
    private const int FieldCount = 7;
    private const int MaximumTextLength = 100;
    private static readonly byte[] ScriptDirectory = [.. "/.overlayimg/scripts/"u8];

    /// <summary>Line in the script, from 1; the line of the call for a command in a function; null if it is not known.</summary>
    public int? Line { get; init; }

    /// <summary>The function that the command is in, if <see cref="Line"/> is the line of its call; null otherwise.</summary>
    public string? Function { get; init; }

    /// <summary>Path of a file that the script sourced, if <see cref="Line"/> is a line of that file; null otherwise.</summary>
    public string? SourcedFile { get; init; }

    /// <summary>Whether the command is <c>exit</c>.</summary>
    public bool IsExit { get; init; }

    /// <summary>Interprets a failure record. Null if the record does not prove which command ended the script.</summary>
    /// <param name="record">The record. The guest is not trusted, so any bytes are accepted.</param>
    /// <param name="status">The status of the script.</param>
    /// <param name="script">The text of the script.</param>
    internal static FailedCommand? Parse(ReadOnlySpan<byte> record, int status, ReadOnlySpan<byte> script)
    {
        var fields = Fields(record);
        var (failed, ended) = (Entry.Of(fields, 0, "E"), Entry.Of(fields, 0, "X") ?? Entry.Of(fields, 1, "X"));
        // With 'set -e' bash ends the script right after the trap. Otherwise the script ended by this command only if no other command followed.
        if (failed is not null && (failed.StopsAtErrors || (ended is not null && ended.Command.Equals(failed.Command) && ended.Status == failed.Status
            && failed.Status == status)))
            return failed.ToCommand(failed.Number, script);
        if (ended is null || ended.Status != status) return null;
        if (ended.IsExit) return ended.ToCommand(ended.Number ?? LineOf(ended.Command, script), script) with { IsExit = true, Function = null };
        // bash gives a trap on errors to no function. A function that 'set -e' ended left its name and the line of its call.
        return ended is { StopsAtErrors: true, IsInFunction: true, Number: not null }
            ? ended.ToCommand(ended.Number, script) with { Function = DisplayName.Of(ended.Function.Span), SourcedFile = null }
            : null;
    }

    private static List<ByteString> Fields(ReadOnlySpan<byte> record)
    {
        var fields = new List<ByteString>();
        for (int end; fields.Count < 2 * FieldCount && (end = record.IndexOf((byte)0)) >= 0; record = record[(end + 1)..])
            fields.Add(new(record[..end]));
        return fields;
    }

    // The line that has the command; null if several places of the script have the command, or none has it.
    private static int? LineOf(ByteString command, ReadOnlySpan<byte> script)
    {
        int? found = null;
        var line = 0;
        foreach (var range in script.Split((byte)'\n'))
        {
            line++;
            var text = script[range].TrimStart(" \t"u8);
            if (text.StartsWith("#"u8)) continue;
            for (int at; (at = text.IndexOf("exit"u8)) >= 0; text = text[(at + 1)..])
            {
                if (found is not null || !text[at..].StartsWith(command.Span) || !EndsWord(text[(at + command.Length)..])) return null;
                found = line;
            }
        }

        return found;
    }

    private static bool EndsWord(ReadOnlySpan<byte> rest) => rest.IsEmpty || " \t\r;&|)}#"u8.Contains(rest[0]);

    private sealed record Entry(int Status, bool StopsAtErrors, int? Number, ByteString Source, ByteString Function, ByteString Command)
    {
        public bool IsExit => Command.Span.SequenceEqual("exit"u8) || Command.Span.StartsWith("exit "u8);

        public bool IsInFunction => Function.Length > 0 && !Function.Span.SequenceEqual("source"u8) && !Function.Span.SequenceEqual("main"u8);

        public static Entry? Of(List<ByteString> fields, int index, string kind)
        {
            var entry = fields.Skip(index * FieldCount).Take(FieldCount).ToArray();
            return entry.Length == FieldCount && entry[0].Span.SequenceEqual(Encoding.ASCII.GetBytes(kind)) && Number(entry[1]) is { } status
                ? new(status, entry[2].Span.Contains((byte)'e'), OfCall(entry[3]), entry[4], entry[5], entry[6])
                : null;

            static int? Number(ByteString text) =>
                int.TryParse(Encoding.ASCII.GetString(text.Span), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

            static int? OfCall(ByteString text) => Number(text) is > 0 and var number ? number : null;
        }

        /// <summary>Returns the command. A line that the script does not have is left out.</summary>
        public FailedCommand ToCommand(int? line, ReadOnlySpan<byte> script)
        {
            var isInScript = Source.Span.StartsWith(ScriptDirectory);
            var hasLine = line is not null && (!isInScript || line <= script.Count((byte)'\n') + 1);
            return new(Shown(), Status)
            {
                Line = hasLine ? line : null,
                SourcedFile = isInScript || Source.Length == 0 ? null : DisplayName.Of(Source.Span),
            };
        }

        private string Shown() => OneLine(Encoding.UTF8.GetString(Command.Span));
    }

    /// <summary>Returns the first line of commands, shortened for a message and escaped for display.</summary>
    public static string OneLine(string commands)
    {
        var text = commands.Trim();
        var end = text.IndexOf('\n', StringComparison.Ordinal);
        var first = DisplayName.Cut(end < 0 ? text : text[..end].TrimEnd(), MaximumTextLength, "");
        return DisplayName.Of(ByteString.FromText(first).Span) + (first.Length == text.Length ? "" : " ...");
    }
}
