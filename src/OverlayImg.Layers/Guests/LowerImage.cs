using OverlayImg.Images.BaseImages;

namespace OverlayImg.Layers.Guests;

/// <summary>An image that an operation has made, and on which it makes a further layer.</summary>
/// <param name="Image">The image.</param>
/// <param name="Known">An open image with all layers but the last; null if the last layer is the only one.</param>
internal sealed record LowerImage(ChosenImage Image, BaseImage? Known);
