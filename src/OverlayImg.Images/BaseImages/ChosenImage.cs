using OverlayImg.Images.Locations;
using OverlayImg.Images.Sessions;
using OverlayImg.Images.Sources;

namespace OverlayImg.Images.BaseImages;

/// <summary>A selected image in an open archive or layout, or a new image. Its config is read, its layers are not.</summary>
/// <param name="Source">The archive or layout; null for an image that this operation has made.</param>
/// <param name="Image">The image.</param>
/// <param name="Verified">Layers that need not be hashed.</param>
/// <param name="SelectionWarning">A sentence for the user about the selection, or null.</param>
internal sealed record ChosenImage(ImageSource? Source, Image Image, VerifiedLayers Verified, string? SelectionWarning)
{
    /// <summary>Opens the source and selects the image. The session owns the source.</summary>
    /// <exception cref="InputException">The source is broken, or has no such image.</exception>
    /// <exception cref="MachineException">The decompressed archive needs more space.</exception>
    public static async Task<ChosenImage> OpenAsync(ImageChoice choice, Session session)
    {
        session.Step($"Reading {choice.Location.Name}");
        var verified = VerifiedLayers.Of(choice, session);
        var source = await choice.Location.OpenAsync(choice.Platform, session);
        var image = source.Select(choice.Name, choice.Tag, choice.Platform, out var warning);
        return new(source, image, verified, warning);
    }
}
