using OverlayImg.FileSystems;
using OverlayImg.Images.BaseImages;
using OverlayImg.Images.Locations;

namespace OverlayImg.Layers.Contents;

/// <summary>The base image that contents are applied to.</summary>
/// <param name="Merged">The merged parent layers, without whiteouts; null without a base image.</param>
/// <param name="Name">Name of the image for messages; null without a base image.</param>
/// <param name="WorkingDirectory">Directory of the image at which relative destinations of copies start.</param>
internal sealed record ContentsBase(FileTree? Merged, string? Name = null, string WorkingDirectory = ContentsBase.Root)
{
    private const string Root = "/";

    /// <summary>The base image of contents.</summary>
    /// <param name="image">The base image; null for none.</param>
    /// <param name="choice">The user's choice of the image; null for none.</param>
    /// <param name="contents">The contents. Their working directory comes before that of the image.</param>
    /// <exception cref="InputException">The working directory of the image is needed, and is no text.</exception>
    public static ContentsBase Of(BaseImage? image, ImageChoice? choice, LayerContents contents)
    {
        if (image is null || choice is null) return new(null, null, contents.WorkingDirectory ?? Root);
        var inherits = contents.NeedsWorkingDirectoryOfBase;
        return new(image.Merged, choice.Location.Name, inherits ? image.Image.Config.WorkingDirectory() : contents.WorkingDirectory ?? Root);
    }
}
