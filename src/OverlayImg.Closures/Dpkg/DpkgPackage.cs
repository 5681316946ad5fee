using OverlayImg.FileSystems;

namespace OverlayImg.Closures.Dpkg;

/// <summary>A package in <c>var/lib/dpkg/status</c>.</summary>
internal sealed record DpkgPackage
{
    /// <summary>The name, such as <c>libc6</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The architecture, such as <c>amd64</c> or <c>all</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>The version; empty if the status file has none.</summary>
    public required string Version { get; init; }

    /// <summary>Whether the package can be installed for several architectures at once (<c>Multi-Arch: same</c>).</summary>
    public bool IsCoInstallable { get; init; }

    /// <summary>Names of the packages and virtual packages that this package depends on, with all alternatives.</summary>
    public IReadOnlyList<string> Dependencies { get; init; } = [];

    /// <summary>Names of the virtual packages that this package provides.</summary>
    public IReadOnlyList<string> Provides { get; init; } = [];

    /// <summary>Absolute paths of the configuration files, which users may change.</summary>
    public IReadOnlySet<ByteString> ConfigurationFiles { get; init; } = new HashSet<ByteString>();

    /// <summary>The name in dpkg's output, with the architecture for a package that can be installed for several.</summary>
    public string DisplayName => IsCoInstallable ? $"{Name}:{Architecture}" : Name;
}
