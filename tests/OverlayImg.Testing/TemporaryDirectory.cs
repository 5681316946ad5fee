using System.Diagnostics;

namespace OverlayImg.Testing;

/// <summary>A directory that is removed after the test.</summary>
public sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("overlayimg-test-").FullName;

    /// <summary>The path of a name in the directory.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    // Directory.Delete fails for names that are not UTF-8 and for paths longer than PATH_MAX.
    public void Dispose()
    {
        using var remove = Process.Start("rm", ["-rf", "--", Path]);
        remove.WaitForExit();
    }
}
