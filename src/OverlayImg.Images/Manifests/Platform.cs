using System.Runtime.InteropServices;
using OverlayImg.Images.Json;

namespace OverlayImg.Images.Manifests;

/// <summary>The platform of an image (OCI Image Specification, image-index, "platform"), in Go's names.</summary>
/// <param name="OperatingSystem">GOOS, such as <c>linux</c>.</param>
/// <param name="Architecture">GOARCH, such as <c>amd64</c>.</param>
/// <param name="Variant">Such as <c>v7</c>; empty for none or an unknown one.</param>
public sealed record Platform(string OperatingSystem, string Architecture, string Variant = "")
{
    /// <summary>Linux on the architecture of the host.</summary>
    public static Platform Host { get; } = new("linux", RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "amd64",
        System.Runtime.InteropServices.Architecture.X86 => "386",
        System.Runtime.InteropServices.Architecture.Armv6 => "arm",
        var other => other.ToString().ToLowerInvariant(),
    });

    /// <summary>
    /// Parses <c>os/arch[/variant]</c>, or an architecture of Linux; null for any other text. Other names of
    /// architectures (<c>x86_64</c>, <c>aarch64</c>) are converted to Go's.
    /// </summary>
    public static Platform? Parse(string text)
    {
        var parts = text.Split('/');
        if (parts.Length > 3 || !parts.All(IsName)) return null;
        if (parts.Length == 1) return GoName(parts[0]) is { Architecture: not "" } alone ? alone : null;
        var named = GoName(parts[1]);
        return named with
        {
            OperatingSystem = parts[0].ToLowerInvariant(),
            Variant = parts.Length == 3 ? parts[2].ToLowerInvariant() : named.Variant,
        };
    }

    /// <summary>Reads the <c>platform</c> of an index entry; null if it lacks the operating system or the architecture.</summary>
    internal static Platform? Read(JsonInput json) =>
        json.TextOrNull("os") is { Length: > 0 } os && json.TextOrNull("architecture") is { Length: > 0 } architecture
            ? new(os, architecture, json.TextOrNull("variant") ?? "") : null;

    /// <summary>
    /// The variants that run on this platform, the best first (containerd, platforms/compare.go). An empty variant is
    /// the default: v8 of arm64, v7 of arm, v1 of amd64. Every older variant runs, too: down to v5 of arm and v1 of
    /// amd64. On arm64, v9.N also runs v8.(N+5), up to v8.9.
    /// </summary>
    internal IReadOnlyList<string> Variants => (Architecture, Level(Effective)) switch
    {
        ("amd64", ( > 1 and var major, 0)) => [.. Down(major, 1).Select(level => $"v{level}")],
        ("arm", ( > 5 and var major, 0)) => [.. Down(major, 5).Select(level => $"v{level}")],
        ("arm64", (8, var minor)) => [.. Minors(8, minor)],
        ("arm64", (9, var minor)) => [.. Minors(9, minor), .. Minors(8, Math.Min(minor + 5, 9))],
        _ => [Effective],
    };

    /// <summary>The variant, or the default variant of the architecture if it is empty.</summary>
    internal string Effective => (Architecture, Variant) switch
    {
        ("arm64", "") => "v8",
        ("arm", "") => "v7",
        ("amd64", "") => "v1",
        var (_, variant) => WithoutZero(variant.Length > 0 && char.IsAsciiDigit(variant[0]) ? $"v{variant}" : variant),
    };

    /// <summary>Formats the platform as <c>os/arch[/variant]</c>, printable in a message.</summary>
    public override string ToString() =>
        JsonInput.Printable(Variant.Length == 0 ? $"{OperatingSystem}/{Architecture}" : $"{OperatingSystem}/{Architecture}/{Variant}");

    private static IEnumerable<int> Down(int from, int to) => Enumerable.Range(to, from - to + 1).Reverse();

    private static IEnumerable<string> Minors(int major, int minor) => Down(minor, 0).Select(level => WithoutZero($"v{major}.{level}"));

    private static string WithoutZero(string variant) => variant.EndsWith(".0", StringComparison.Ordinal) ? variant[..^2] : variant;

    // v8.2 gives 8 and 2; any other text gives zeros. No existing level has two digits.
    private static (int Major, int Minor) Level(string variant) => variant switch
    {
        ['v', >= '0' and <= '9' and var major] => (major - '0', 0),
        ['v', >= '0' and <= '9' and var major, '.', >= '0' and <= '9' and var minor] => (major - '0', minor - '0'),
        _ => (0, 0),
    };

    private static bool IsName(string text) =>
        text.Length is > 0 and <= 64 && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' or '.');

    private static Platform GoName(string architecture) => architecture.ToLowerInvariant() switch
    {
        "x86_64" or "x86-64" => new("linux", "amd64"),
        "aarch64" => new("linux", "arm64"),
        "i386" or "i686" => new("linux", "386"),
        "armhf" => new("linux", "arm", "v7"),
        "armel" => new("linux", "arm", "v6"),
        "linux" => new("linux", ""),
        var name => new("linux", name),
    };
}
