namespace OverlayImg.Images.Tests;

/// <summary>What other programs write is sound; what they do against the rules is known by name.</summary>
[Collection(RealImageCollection.Name)]
public sealed class RealImageValidationTests(RealImages images)
{
    [Theory]
    [InlineData("buildah.tar")]
    [InlineData("docker.tar")]
    [InlineData("podman.tar")]
    [InlineData("podman-oci.tar")]
    [InlineData("podman-several.tar")]
    [InlineData("skopeo.tar")]
    [InlineData("skopeo-oci.tar")]
    [InlineData("skopeo-zstd.tar")]
    public void What_others_write_has_no_errors(string file)
    {
        var report = Validation.Of(images[file]);
        Assert.Empty(report.Findings);
        Assert.True(report.Layers > 0);
    }
}
