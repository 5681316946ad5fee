using OverlayImg.Images;

namespace OverlayImg.Builders;

/// <summary>Where an image archive goes, and in which form.</summary>
/// <param name="Destination">The file, and how it is compressed.</param>
/// <param name="Format">The form.</param>
public sealed record ImageOutput(TarDestination Destination, ArchiveFormat Format);
