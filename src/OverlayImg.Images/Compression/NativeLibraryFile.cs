using System.Runtime.InteropServices;

namespace OverlayImg.Images.Compression;

/// <summary>A shared library of the system that we use if it is there.</summary>
/// <param name="FileName">With its ABI version, as the loader finds it.</param>
/// <param name="Packages">What to install.</param>
internal sealed record NativeLibraryFile(string FileName, string Packages)
{
    /// <summary>Whether the loader finds it.</summary>
    public bool IsThere() => NativeLibrary.TryLoad(FileName, typeof(NativeLibraryFile).Assembly, DllImportSearchPath.System32, out _);

    /// <exception cref="MachineException">The library is not installed.</exception>
    public void Require()
    {
        if (IsThere()) return;
        throw new MachineException($"The library {FileName} is not installed, and reading or writing this compression needs it")
        {
            Advice = $"Install it: {Packages}.",
        };
    }
}
