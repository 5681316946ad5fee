using OverlayImg.Images.Locations;
using OverlayImg.Images.Registries.Options;
using OverlayImg.Images.Settings;
using OverlayImg.Images.Sources;
using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.BaseImages;

/// <summary>How users name an image: a path, or a transport of skopeo with a location.</summary>
public sealed class ImageChoiceTests
{
    [Theory]
    [InlineData("base.tar", "base.tar", null, null)]
    [InlineData("with:colon.tar", "with:colon.tar", null, null)]
    [InlineData("-", "-", null, null)]
    [InlineData("docker-archive:base.tar", "base.tar", null, null)]
    [InlineData("docker-archive:/a/base.tar:debian:12", "/a/base.tar", "debian:12", null)]
    public void A_path_has_an_optional_transport(string image, string path, string? name, string? tag) =>
        Assert.Equal(new(new PathLocation(path), name, tag), ImageChoice.Parse(image, null, null));

    [Theory]
    [InlineData("oci-archive:base.tar", null)]
    [InlineData("oci-archive:base.tar:latest", "latest")]
    public void The_oci_archive_transport_names_a_layout_in_an_archive(string image, string? tag) =>
        Assert.Equal(new(new PathLocation("base.tar") { Form = ArchiveForm.Layout }, null, tag), ImageChoice.Parse(image, null, null));

    [Fact]
    public void The_docker_transport_names_an_image_in_a_registry()
    {
        var location = Assert.IsType<RegistryLocation>(ImageChoice.Parse("docker://debian:12", null, null).Location);
        Assert.Equal("docker.io/library/debian:12", location.Name);
        Assert.Equal(new RegistryOptions(), location.Access);
    }

    [Fact]
    public void A_given_name_and_tag_win_over_those_in_the_text()
    {
        Assert.Equal(new(new PathLocation("a"), "own", "t"), ImageChoice.Parse("docker-archive:a:debian:12", "own", "t"));
        Assert.Equal(new(new PathLocation("a") { Form = ArchiveForm.Layout }, "own", "t"), ImageChoice.Parse("oci-archive:a:latest", "own", "t"));
    }

    [Theory]
    [InlineData("oci:directory", "directory", null)]
    [InlineData("oci:directory:v1", "directory", "v1")]
    [InlineData("oci:/a/b:localhost:5000/team/app@sha256:1", "/a/b", "localhost:5000/team/app@sha256:1")]
    public void The_oci_transport_names_a_layout(string image, string directory, string? tag) =>
        Assert.Equal(new(new LayoutLocation(directory), null, tag), ImageChoice.Parse(image, null, null));

    [Fact]
    public void A_directory_named_like_the_whole_text_wins_over_a_directory_and_tag()
    {
        using var directory = new TemporaryDirectory();
        Directory.CreateDirectory(directory["with:colon"]);
        Assert.Equal(
            new(new LayoutLocation(directory["with:colon"]), null, null), ImageChoice.Parse($"oci:{directory["with:colon"]}", null, null));
        Assert.Equal(
            new(new LayoutLocation(directory["with"]), null, "colons"), ImageChoice.Parse($"oci:{directory["with"]}:colons", null, null));
    }

    [Fact]
    public void An_image_number_is_refused()
    {
        var refusal = Assert.Throws<InputException>(() => ImageChoice.Parse("docker-archive:a:@1", null, null));
        Assert.Equal([ImageSetting.Name, ImageSetting.Tag], refusal.Advice!.Settings);
    }
}
