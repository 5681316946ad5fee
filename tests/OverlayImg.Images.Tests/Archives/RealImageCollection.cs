namespace OverlayImg.Images.Tests;

/// <summary>The test classes that look at the real images, which take seconds to make.</summary>
[CollectionDefinition(Name)]
public sealed class RealImageCollection : ICollectionFixture<RealImages>
{
    public const string Name = "real images";
}
