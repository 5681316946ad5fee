using System.Globalization;

namespace OverlayImg.FileSystems.Tar;

/// <summary>
/// Numeric IDs of this machine's users and groups, for access control lists that have only names. GNU tar looks names up in the same way.
/// </summary>
/// <param name="passwd">Path of a file in the format of passwd(5). A missing file has no users.</param>
/// <param name="group">Path of a file in the format of group(5). A missing file has no groups.</param>
public sealed class AccountNumbers(string passwd = "/etc/passwd", string group = "/etc/group")
{
    private readonly Lazy<Dictionary<string, uint>> _users = new(() => Read(passwd));
    private readonly Lazy<Dictionary<string, uint>> _groups = new(() => Read(group));
    private readonly SortedSet<string> _used = new(StringComparer.Ordinal);

    /// <summary>The names that were looked up successfully.</summary>
    public IReadOnlyCollection<string> Used => _used;

    /// <summary>The numeric ID of a user; null for an unknown name.</summary>
    public uint? User(string name) => Find(_users.Value, name);

    /// <summary>The numeric ID of a group; null for an unknown name.</summary>
    public uint? Group(string name) => Find(_groups.Value, name);

    private uint? Find(Dictionary<string, uint> numbers, string name)
    {
        if (!numbers.TryGetValue(name, out var number)) return null;
        _used.Add(name);
        return number;
    }

    // In passwd(5) and group(5), the ID is the third field.
    private static Dictionary<string, uint> Read(string path)
    {
        var numbers = new Dictionary<string, uint>(StringComparer.Ordinal);
        if (!File.Exists(path)) return numbers;
        foreach (var line in File.ReadLines(path))
        {
            var fields = line.Split(':');
            if (fields.Length < 4 || !uint.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out var number)) continue;
            numbers.TryAdd(fields[0], number);
        }

        return numbers;
    }
}
