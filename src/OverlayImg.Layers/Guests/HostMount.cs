namespace OverlayImg.Layers.Guests;

/// <summary>A directory of the host that scripts see as a read-only copy.</summary>
/// <param name="Source">Path of the directory on the host.</param>
/// <param name="Target">Absolute path in the image.</param>
public sealed record HostMount(string Source, string Target);
