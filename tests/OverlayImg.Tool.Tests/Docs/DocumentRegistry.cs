using OverlayImg.Tool.Tests.Registries;

namespace OverlayImg.Tool.Tests.Docs;

/// <summary>The registry that stands for all registries of the documents. It has one image, <c>library/debian:12</c>, for two platforms.</summary>
public sealed class DocumentRegistry : IAsyncLifetime
{
    private readonly PlainRegistry _registry = new();
    private string? _digest;

    /// <summary>Address and port.</summary>
    public string Host => _registry.Registry.Host;

    /// <summary>The digest of the image's index.</summary>
    public string Digest => _digest ?? throw new InvalidOperationException("The registry has no image yet.");

    public async ValueTask InitializeAsync()
    {
        await _registry.InitializeAsync();
        (FixtureImage Image, string Architecture)[] images =
        [
            .. ((string[])["amd64", "arm64"]).Select(architecture =>
                (new FixtureImage(isOci: true, architecture, [FixtureImage.Layer("etc/arch", architecture + "\n")]), architecture)),
        ];
        foreach (var (image, _) in images) await image.PutAsync(Host, "library/debian", tag: null);
        _digest = await FixtureImage.PutIndexAsync(Host, "library/debian", "12", isOci: true, images);
    }

    public ValueTask DisposeAsync() => _registry.DisposeAsync();
}
