using System.Text.Json;

namespace OverlayImg.Sandbox.Qmp;

/// <summary>Something that QEMU tells without being asked, such as <c>SHUTDOWN</c> or <c>BLOCK_IO_ERROR</c>.</summary>
/// <param name="Name">The event's name.</param>
/// <param name="Data">Its <c>data</c> object; <see cref="JsonValueKind.Undefined"/> where it has none.</param>
internal sealed record QmpEvent(string Name, JsonElement Data)
{
    /// <summary>A member of the data as text, or null.</summary>
    public string? Text(string name) =>
        Data.ValueKind == JsonValueKind.Object && Data.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String
            ? member.GetString()
            : null;
}
