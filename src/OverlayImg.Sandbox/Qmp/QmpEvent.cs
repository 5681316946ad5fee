using System.Text.Json;

namespace OverlayImg.Sandbox.Qmp;

/// <summary>An asynchronous event of QEMU, such as <c>SHUTDOWN</c> or <c>BLOCK_IO_ERROR</c>.</summary>
/// <param name="Name">Name of the event.</param>
/// <param name="Data">The event's <c>data</c> object; <see cref="JsonValueKind.Undefined"/> for an event without data.</param>
internal sealed record QmpEvent(string Name, JsonElement Data)
{
    /// <summary>Returns a string member of the data, or null if there is none.</summary>
    public string? Text(string name) =>
        Data.ValueKind == JsonValueKind.Object && Data.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String
            ? member.GetString()
            : null;
}
