using OverlayImg.Images.Locations;
using OverlayImg.Images.Sessions;
using OverlayImg.Images.Sources;

namespace OverlayImg.Images.BaseImages;

/// <summary>An image of an archive or a layout that is open; nothing of its layers is read yet.</summary>
/// <param name="Source">The archive or layout.</param>
/// <param name="Image">The image.</param>
/// <param name="Verified">Which of its layers need not be hashed.</param>
/// <param name="SelectionWarning">What the user should know about the choice, a sentence; or null.</param>
internal sealed record ChosenImage(ImageSource Source, Image Image, VerifiedLayers Verified, string? SelectionWarning)
{
    /// <summary>Opens the source and chooses. The session owns the source.</summary>
    /// <exception cref="InputException">The source is broken, or has no such image.</exception>
    /// <exception cref="MachineException">There is no space for what must be decompressed.</exception>
    public static async Task<ChosenImage> OpenAsync(BaseImageChoice choice, Session session)
    {
        session.Step($"Reading {choice.Location.Name}");
        var verified = VerifiedLayers.Of(choice, session);
        var source = await choice.Location.OpenAsync(choice.Platform, session);
        var image = source.Select(choice.Name, choice.Tag, choice.Platform, out var warning);
        return new(source, image, verified, warning);
    }
}
