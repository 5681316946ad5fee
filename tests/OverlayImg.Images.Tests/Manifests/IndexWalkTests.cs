using OverlayImg.Images.Digests;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.Transfers;

namespace OverlayImg.Images.Tests.Manifests;

/// <summary>Walking nested indexes finds each image once and always ends.</summary>
public sealed class IndexWalkTests
{
    private static readonly InputLocation Where = new("a test");

    [Fact]
    public void Each_image_is_found_once_for_each_of_its_platforms()
    {
        var inner = Index(1, Image(2), Image(3));
        var walk = new IndexWalk([inner.Entry, Image(2), Image(2) with { Platform = new("linux", "arm64") }, inner.Entry], Where);
        Assert.True(walk.TryNext(out var entry));
        Assert.Equal(inner.Entry.Digest, entry.Digest);
        walk.Enter(inner.Index);
        Assert.False(walk.TryNext(out _));
        Assert.Equal([DigestOf(2), DigestOf(2), DigestOf(3)], walk.Images.Select(image => image.Digest));
    }

    [Fact]
    public void The_limit_counts_the_images_of_all_indexes()
    {
        var indexes = Enumerable.Range(0, 3).Select(number =>
            Index(number, [.. Enumerable.Range(10 + (4000 * number), 4000).Select(Image)])).ToArray();
        var walk = new IndexWalk(indexes.Select(index => index.Entry), Where);
        foreach (var (_, index) in indexes.Take(2))
        {
            Assert.True(walk.TryNext(out _));
            walk.Enter(index);
        }

        var refusal = Assert.Throws<InputException>(() => walk.Enter(indexes[2].Index));
        Assert.Contains("more than 10000 documents", refusal.Describe(), StringComparison.Ordinal);
    }

    private static Digest DigestOf(int number) => Digest.Of(BitConverter.GetBytes(number));

    private static Descriptor Image(int number) => new(MediaTypes.OciManifest, DigestOf(number), 7);

    private static (Descriptor Entry, ImageIndex Index) Index(int number, params Descriptor[] images) =>
        (new(MediaTypes.OciIndex, DigestOf(-1 - number), 7), ManifestRewriting.IndexOf(images, Where));
}
