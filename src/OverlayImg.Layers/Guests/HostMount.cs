namespace OverlayImg.Layers.Guests;

/// <summary>A file or a directory of the host that scripts see as a read-only copy.</summary>
/// <param name="Source">Path of the file or the directory on the host.</param>
/// <param name="Target">Absolute path in the image.</param>
public sealed record HostMount(string Source, string Target);
