namespace OverlayImg.Layers.Guests;

/// <summary>A directory of the host that scripts see, read-only and as a copy, while they run.</summary>
/// <param name="Source">Directory on the host.</param>
/// <param name="Target">Absolute path in the image.</param>
public sealed record HostMount(string Source, string Target);
