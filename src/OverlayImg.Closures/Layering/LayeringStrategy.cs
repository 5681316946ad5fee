namespace OverlayImg.Closures.Layering;

/// <summary>How files are divided into layers.</summary>
public enum LayeringStrategy
{
    /// <summary>Today's nixpkgs: the largest store paths in layers of their own, with what only they need.</summary>
    Auto,

    /// <summary>The seeds' and all nixpkgs before November 2024: the most popular store paths in layers of their own, the rest in one.</summary>
    Popularity,

    /// <summary>A layer for each store path, or an error where there are too many.</summary>
    OnePerPath,

    /// <summary>A layer for each Debian package of the contents.</summary>
    Dpkg,
}
