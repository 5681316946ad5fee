namespace OverlayImg.Images.Tests;

/// <summary>Validation accepts the archives that other programs write.</summary>
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
    public void Archives_of_other_programs_are_valid(string file)
    {
        var report = Validation.Of(images[file]);
        Assert.Empty(report.Findings);
        Assert.True(report.Layers > 0);
    }
}
