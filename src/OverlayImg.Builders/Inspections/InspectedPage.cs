using OverlayImg.Images.Outputs;

namespace OverlayImg.Builders.Inspections;

/// <summary>A report on an image, and the page that was written about the image.</summary>
/// <param name="Report">The report.</param>
/// <param name="Page">The written HTML page.</param>
public sealed record InspectedPage(ImageReport Report, WrittenFile Page);
