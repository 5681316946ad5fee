namespace OverlayImg.Images.Locations;

/// <summary>The empty image that Dockerfiles call <c>scratch</c>: no layers, and a config that says the platform and nothing else.</summary>
public sealed record ScratchLocation() : ImageLocation(Word)
{
    /// <summary>What users write.</summary>
    public const string Word = "scratch";

    internal override string? Identity => Word;

    internal override Task<ImageSource> OpenAsync(Platform? platform, Sessions.Session session)
    {
        var config = RootFileSystem.ConfigOf(platform ?? Platform.Host, []);
        var manifest = ManifestRewriting.Of(config, [], new(Word));
        return Task.FromResult(session.Own(ImageSource.OfBlobs(new(Word), manifest, config, new Dictionary<Digest, ByteSource>(), null)));
    }

    internal override IReadOnlyList<string>? Files() => null;
}
