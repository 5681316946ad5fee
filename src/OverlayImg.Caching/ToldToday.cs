using System.Globalization;

namespace OverlayImg.Caching;

/// <summary>Remembers in the cache what the user was told, so that the user is told at most once a day (UTC).</summary>
public sealed class ToldToday(Cache cache, TimeProvider clock)
{
    private const string DirectoryName = "told";

    /// <summary>
    /// Whether the user should be told about <paramref name="cause"/> now: true at most once a day, unless the cache can't be written.
    /// </summary>
    /// <param name="cause">A short name; a valid file name.</param>
    public bool IsNews(string cause)
    {
        var today = clock.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var path = Path.Combine(cache.PathOf(DirectoryName), cause);
        try
        {
            if (File.Exists(path) && File.ReadAllText(path) == today) return false;
            Directory.CreateDirectory(Path.GetDirectoryName(path)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            File.WriteAllText(path, today);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It is better to tell the user twice than not at all.
            return true;
        }

        return true;
    }
}
