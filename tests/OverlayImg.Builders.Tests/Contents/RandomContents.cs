namespace OverlayImg.Builders.Tests.Contents;

/// <summary>Makes small trees of directories, files and links. The trees use very few names, so that their paths collide.</summary>
/// <param name="seed">Equal seeds make equal trees.</param>
/// <param name="links">Share of links among the names, 0 to 1.</param>
/// <param name="modes">Whether files and directories get random modes.</param>
/// <param name="gaps">Share of unused names, 0 to 1.</param>
/// <param name="fileSuffix">Suffix of the file names. With a suffix no file has the name of a directory.</param>
internal sealed class RandomContents(int seed, double links, bool modes, double gaps = 0.5, string fileSuffix = "")
{
    private static readonly string[] Names = ["a", "b", "c", "d"];
    private readonly Random _random = new(seed);

    /// <summary>Makes the directory <paramref name="path"/> and a random tree in it.</summary>
    public void Make(string path) => Make(path, depth: 0);

    private void Make(string path, int depth)
    {
        Directory.CreateDirectory(path);
        foreach (var child in Names.Select(name => Path.Combine(path, name)))
        {
            var choice = _random.NextDouble();
            if (choice < gaps) continue;
            if (choice < gaps + 0.15)
            {
                var file = child + fileSuffix;
                File.WriteAllText(file, $"{_random.Next()}");
                if (modes) File.SetUnixFileMode(file, (UnixFileMode)_random.Next(512));
                File.SetLastWriteTimeUtc(file, NextTime());
            }
            else if (choice < gaps + 0.15 + links)
            {
                File.CreateSymbolicLink(child, Target(depth));
            }
            else if (depth < 3)
            {
                Make(child, depth + 1);
            }
        }

        if (modes) File.SetUnixFileMode(path, (UnixFileMode)(_random.Next(512) | 448));
        Directory.SetLastWriteTimeUtc(path, NextTime());
    }

    private DateTime NextTime() => DateTime.UnixEpoch.AddSeconds(_random.Next(1_000_000_000));

    // A target starts at the item's root or at the link's own directory, and mostly names a path that may exist.
    private string Target(int depth)
    {
        var names = Enumerable.Range(0, _random.Next(1, 3)).Select(_ => Names[_random.Next(Names.Length)]);
        var up = Enumerable.Repeat("..", _random.Next(depth + 1));
        return string.Join('/', up.Concat(names));
    }
}
