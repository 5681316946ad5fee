namespace OverlayImg.Builders.Tests.Contents;

/// <summary>Makes small trees full of directories, files and links under very few names, so that they meet.</summary>
/// <param name="seed">Equal seeds make equal trees.</param>
/// <param name="links">Share of links among the names.</param>
/// <param name="modes">Whether files and directories get modes of their own.</param>
internal sealed class RandomContents(int seed, double links, bool modes)
{
    private static readonly string[] Names = ["a", "b", "c", "d"];
    private readonly Random _random = new(seed);

    /// <summary>Makes the directory <paramref name="path"/> and a tree in it.</summary>
    public void Make(string path) => Make(path, depth: 0);

    private void Make(string path, int depth)
    {
        Directory.CreateDirectory(path);
        foreach (var child in Names.Select(name => Path.Combine(path, name)))
        {
            var choice = _random.NextDouble();
            if (choice < 0.5) continue;
            if (choice < 0.65)
            {
                File.WriteAllText(child, $"{_random.Next()}");
                if (modes) File.SetUnixFileMode(child, (UnixFileMode)_random.Next(512));
                File.SetLastWriteTimeUtc(child, NextTime());
            }
            else if (choice < 0.65 + links)
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

    // From the item's root down again, or from the link's own directory: mostly to something that may be there.
    private string Target(int depth)
    {
        var names = Enumerable.Range(0, _random.Next(1, 3)).Select(_ => Names[_random.Next(Names.Length)]);
        var up = Enumerable.Repeat("..", _random.Next(depth + 1));
        return string.Join('/', up.Concat(names));
    }
}
