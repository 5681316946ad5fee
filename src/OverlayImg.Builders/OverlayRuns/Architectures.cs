using System.Runtime.InteropServices;

namespace OverlayImg.Builders;

/// <summary>Architectures in Go's words, which image configs use.</summary>
internal static class Architectures
{
    /// <summary>This machine's, which is the guest's too.</summary>
    public static string Host => RuntimeInformation.OSArchitecture switch
    {
        Architecture.X64 => "amd64",
        Architecture.Arm64 => "arm64",
        var other => other.ToString().ToLowerInvariant(),
    };
}
