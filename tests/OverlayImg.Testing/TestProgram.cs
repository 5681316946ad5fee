using System.Text;

namespace OverlayImg.Testing;

/// <summary>Writes scripts that the code under test starts as programs.</summary>
public static class TestProgram
{
    // Another process writes the file. Otherwise a process that another test starts at this moment could inherit the
    // open file, and the kernel starts no program that is open for writing.
    private const string Write = "umask 077; mkdir -p \"${1%/*}\"; cat >\"$1\"; chmod 700 \"$1\"";

    /// <summary>Writes an executable script, and creates its directory.</summary>
    public static async Task WriteAsync(string path, string text)
    {
        using var input = new MemoryStream(Encoding.UTF8.GetBytes(text));
        (await Tool.RunAsync("sh", ["-euc", Write, "sh", path], input)).Succeeded();
    }
}
