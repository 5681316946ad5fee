using System.Text;
using System.Text.Unicode;
using OverlayImg.FileSystems.Exclusions;

namespace OverlayImg.Layers.Contents;

/// <summary>A file in the language of <c>.dockerignore</c>.</summary>
public static class IgnoreFile
{
    // A larger file is the wrong file.
    private const int MaximumLength = 1 << 20;

    /// <summary>Reads the patterns of a file; <c>-</c> is stdin.</summary>
    /// <exception cref="InputException">The file can't be read, is larger than 1 MiB, or has a line that is not a pattern.</exception>
    public static ExclusionList Read(string file)
    {
        var bytes = InputFile.ReadAll(file, MaximumLength, "an ignore file");
        if (!Utf8.IsValid(bytes)) throw new InputException("is not UTF-8 text", new(file)) { Advice = "An ignore file has one pattern per line." };
        return ExclusionList.Parse(Encoding.UTF8.GetString(bytes).TrimStart('\ufeff'), InputFile.NameOf(file));
    }
}
