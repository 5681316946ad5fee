using OverlayImg.Images.Digests;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.Sources;

namespace OverlayImg.Images.Locations;

/// <summary>The empty image that Dockerfiles call <c>scratch</c>: no layers, and a config with only the platform.</summary>
public sealed record ScratchLocation() : ImageLocation(Word)
{
    /// <summary>The name of the empty image on the command line.</summary>
    public const string Word = "scratch";

    internal override string? Identity => Word;

    internal override Task<ImageSource> OpenAsync(Platform? platform, Sessions.Session session)
    {
        var config = RootFileSystem.ConfigOf(platform ?? Platform.Host, []);
        return Task.FromResult(session.Own(ImageSource.OfConfig(new(Word), config, new Dictionary<Digest, ByteSource>(), owner: null)));
    }

    internal override IReadOnlyList<string>? Files() => null;
}
