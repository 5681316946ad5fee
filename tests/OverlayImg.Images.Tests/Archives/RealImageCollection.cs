namespace OverlayImg.Images.Tests;

/// <summary>The test classes that share the images of <see cref="RealImages"/>, because making the images takes seconds.</summary>
[CollectionDefinition(Name)]
public sealed class RealImageCollection : ICollectionFixture<RealImages>
{
    public const string Name = "real images";
}
