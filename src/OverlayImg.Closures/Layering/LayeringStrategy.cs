namespace OverlayImg.Closures.Layering;

/// <summary>How files are divided into layers.</summary>
public enum LayeringStrategy
{
    /// <summary>
    /// The strategy of nixpkgs since November 2024: the largest store paths in layers of their own, with the paths that only they need.
    /// </summary>
    Auto,

    /// <summary>
    /// The strategy of nixpkgs before November 2024: the most popular store paths in layers of their own, the rest in one layer.
    /// </summary>
    Popularity,

    /// <summary>A layer for each store path; an error if there are too many.</summary>
    OnePerPath,

    /// <summary>A layer for each Debian package of the contents.</summary>
    Dpkg,
}
