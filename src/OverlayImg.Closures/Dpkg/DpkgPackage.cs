using OverlayImg.FileSystems;

namespace OverlayImg.Closures.Dpkg;

/// <summary>A package as <c>var/lib/dpkg/status</c> tells of it.</summary>
internal sealed record DpkgPackage
{
    /// <summary>Its name, such as <c>libc6</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Its architecture, such as <c>amd64</c> or <c>all</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>Its version; empty where the status has none.</summary>
    public required string Version { get; init; }

    /// <summary>Whether the same package of another architecture can be installed beside it (<c>Multi-Arch: same</c>).</summary>
    public bool IsCoInstallable { get; init; }

    /// <summary>Names of packages, virtual ones among them, that it needs: of alternatives all.</summary>
    public IReadOnlyList<string> Dependencies { get; init; } = [];

    /// <summary>Names of virtual packages that it stands for.</summary>
    public IReadOnlyList<string> Provides { get; init; } = [];

    /// <summary>Absolute paths of its configuration files, which are there to be changed.</summary>
    public IReadOnlySet<ByteString> ConfigurationFiles { get; init; } = new HashSet<ByteString>();

    /// <summary>What dpkg calls it: with its architecture where that is needed to tell it from another.</summary>
    public string DisplayName => IsCoInstallable ? $"{Name}:{Architecture}" : Name;
}
