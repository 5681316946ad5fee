using System.Runtime.InteropServices;

namespace OverlayImg.Images.Compression;

/// <summary>An optional shared library of the system.</summary>
/// <param name="FileName">File name with the ABI version, as dlopen(3) expects.</param>
/// <param name="Packages">Packages to install, for messages.</param>
internal sealed record NativeLibraryFile(string FileName, string Packages)
{
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
