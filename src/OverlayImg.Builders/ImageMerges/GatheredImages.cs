using OverlayImg.Images;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Layers;
using OverlayImg.Images.Locations;
using OverlayImg.Images.References;
using OverlayImg.Images.Sessions;
using OverlayImg.Images.Sources;

namespace OverlayImg.Builders.ImageMerges;

/// <summary>The images of a merge. Each image occurs once, with all names that any source gives it.</summary>
/// <param name="session">The operation, which gets warnings about names that can't be kept.</param>
internal sealed class GatheredImages(Session session)
{
    private readonly List<Gathered> _images = [];
    private readonly Dictionary<Digest, Gathered> _byId = [];
    private readonly Dictionary<string, (Gathered Image, string Path)> _byName = [];
    private readonly Dictionary<Digest, Layer> _layers = [];

    /// <summary>The images in the order in which they were added.</summary>
    public IEnumerable<Image> Images => _images.Select(gathered => gathered.Image with { References = gathered.References });

    /// <summary>The layers of all images, each once. Of several compressed forms of a layer, the first is used.</summary>
    public IReadOnlyCollection<Layer> Layers => _layers.Values;

    private sealed record Gathered(Image Image, List<ImageReference> References);

    /// <summary>Adds the image that the choice names, or all images of the source.</summary>
    /// <exception cref="InputException">No image matches, or another image has the same name.</exception>
    public void Add(ImageSource source, ImageChoice choice)
    {
        var images = choice.ChoosesOne ? [source.Select(choice.Name, choice.Tag, choice.Platform, out _)] : source.ImagesFor(choice.Platform);
        foreach (var image in images) Add(image, choice.Location.Name);
    }

    private void Add(Image image, string path)
    {
        if (!_byId.TryGetValue(image.Config.Id, out var gathered))
        {
            _byId.Add(image.Config.Id, gathered = new(image, []));
            _images.Add(gathered);
            foreach (var layer in image.Layers) _layers.TryAdd(layer.DiffId, layer);
        }
        else if (!image.Annotations.ToHashSet().SetEquals(gathered.Image.Annotations))
        {
            session.Warn($"{path}: the image {image.DisplayName} differs from {gathered.Image.DisplayName} in the annotations of its manifest alone, "
                + "so only the latter is written, with the names of both.");
        }

        foreach (var reference in image.References)
        {
            if (IsNew(reference, gathered, path)) gathered.References.Add(reference);
        }
    }

    private bool IsNew(ImageReference reference, Gathered image, string path)
    {
        if (!reference.CanBeWritten)
        {
            session.Warn($"{path}: '{reference}' is not a valid name of an image; the name is left out.");
            return false;
        }

        if (_byName.TryAdd(reference.Key, (image, path))) return true;
        var (other, otherPath) = _byName[reference.Key];
        if (other == image) return false;
        throw new InputException($"the name {reference} is the name of another image in {otherPath}", new(path))
        {
            Advice = "Rename one of the images first, or choose the images to merge, such as docker-archive:PATH:NAME:TAG.",
        };
    }
}
