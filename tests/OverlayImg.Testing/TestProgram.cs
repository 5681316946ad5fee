using System.Text;

namespace OverlayImg.Testing;

/// <summary>A script that a test has the code under test start as a program.</summary>
public static class TestProgram
{
    // Another process writes it: what other tests start at this moment would have our open file too, until it is the program that it is to be, and the
    // kernel starts none that somebody has open for writing.
    private const string Write = "umask 077; mkdir -p \"${1%/*}\"; cat >\"$1\"; chmod 700 \"$1\"";

    /// <summary>Writes a program that its owner may run, and the directory that it is in.</summary>
    public static async Task WriteAsync(string path, string text)
    {
        using var input = new MemoryStream(Encoding.UTF8.GetBytes(text));
        (await Tool.RunAsync("sh", ["-euc", Write, "sh", path], input)).Succeeded();
    }
}
