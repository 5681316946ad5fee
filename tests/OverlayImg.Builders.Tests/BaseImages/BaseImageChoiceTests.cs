using OverlayImg.Images.Locations;
using OverlayImg.Images.Registries.Options;
using OverlayImg.Images.Settings;
using OverlayImg.Images.Sources;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.BaseImages;

/// <summary>What users write for an image, as skopeo's transports have it.</summary>
public sealed class BaseImageChoiceTests
{
    [Theory]
    [InlineData("base.tar", "base.tar", null, null)]
    [InlineData("with:colon.tar", "with:colon.tar", null, null)]
    [InlineData("-", "-", null, null)]
    [InlineData("docker-archive:base.tar", "base.tar", null, null)]
    [InlineData("docker-archive:/a/base.tar:debian:12", "/a/base.tar", "debian:12", null)]
    public void Is_a_path_with_or_without_a_transport(string image, string path, string? name, string? tag) =>
        Assert.Equal(new(new PathLocation(path), name, tag), BaseImageChoice.Parse(image, null, null));

    [Theory]
    [InlineData("oci-archive:base.tar", null)]
    [InlineData("oci-archive:base.tar:latest", "latest")]
    public void Is_a_layout_in_an_archive_by_its_transport(string image, string? tag) =>
        Assert.Equal(new(new PathLocation("base.tar") { Form = ArchiveForm.Layout }, null, tag), BaseImageChoice.Parse(image, null, null));

    [Fact]
    public void Is_an_image_of_a_registry_by_its_transport()
    {
        var location = Assert.IsType<RegistryLocation>(BaseImageChoice.Parse("docker://debian:12", null, null).Location);
        Assert.Equal("docker.io/library/debian:12", location.Name);
        Assert.Equal(new RegistryOptions(), location.Access);
    }

    [Fact]
    public void What_is_asked_for_besides_wins()
    {
        Assert.Equal(new(new PathLocation("a"), "own", "t"), BaseImageChoice.Parse("docker-archive:a:debian:12", "own", "t"));
        Assert.Equal(new(new PathLocation("a") { Form = ArchiveForm.Layout }, "own", "t"), BaseImageChoice.Parse("oci-archive:a:latest", "own", "t"));
    }

    [Theory]
    [InlineData("oci:directory", "directory", null)]
    [InlineData("oci:directory:v1", "directory", "v1")]
    [InlineData("oci:/a/b:localhost:5000/team/app@sha256:1", "/a/b", "localhost:5000/team/app@sha256:1")]
    public void Is_a_layout_by_its_transport(string image, string directory, string? tag) =>
        Assert.Equal(new(new LayoutLocation(directory), null, tag), BaseImageChoice.Parse(image, null, null));

    [Fact]
    public void A_directory_whose_name_is_the_whole_text_wins()
    {
        using var directory = new TemporaryDirectory();
        Directory.CreateDirectory(directory["with:colon"]);
        Assert.Equal(new(new LayoutLocation(directory["with:colon"]), null, null), BaseImageChoice.Parse($"oci:{directory["with:colon"]}", null, null));
        Assert.Equal(new(new LayoutLocation(directory["with"]), null, "colons"), BaseImageChoice.Parse($"oci:{directory["with"]}:colons", null, null));
    }

    [Fact]
    public void A_number_is_refused()
    {
        var refusal = Assert.Throws<InputException>(() => BaseImageChoice.Parse("docker-archive:a:@1", null, null));
        Assert.Equal([ImageSetting.Name, ImageSetting.Tag], refusal.Advice!.Settings);
    }
}
