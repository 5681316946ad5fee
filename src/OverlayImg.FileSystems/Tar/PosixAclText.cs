using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace OverlayImg.FileSystems.Tar;

/// <summary>
/// Parses POSIX access control lists as text (acl(5)), which GNU tar and star write to the PAX records <c>SCHILY.acl.access</c> and
/// <c>SCHILY.acl.default</c>. Newlines or commas separate entries such as <c>user:games:rwx</c>. In star's archives, a numeric ID follows.
/// </summary>
/// <param name="accounts">The numeric IDs of named users and groups.</param>
internal sealed class PosixAclText(AccountNumbers accounts)
{
    private const uint Version = 2;
    private const int HeaderSize = 4;
    private const int EntrySize = 8;
    private const ushort UserObject = 0x01;
    private const ushort User = 0x02;
    private const ushort GroupObject = 0x04;
    private const ushort Group = 0x08;
    private const ushort Mask = 0x10;
    private const ushort Other = 0x20;
    private const uint NoId = uint.MaxValue;

    /// <summary>Makes the attribute of an access list. Null where the list repeats the file's mode.</summary>
    /// <exception cref="FormatException">The text is not an access control list, or has the name of an unknown user or group.</exception>
    public ByteString? Access(ReadOnlySpan<byte> text) => Parse(text) is { Count: > 3 } entries ? Encode(entries) : null;

    /// <summary>Makes the attribute of a directory's default list. Null for an empty list.</summary>
    /// <exception cref="FormatException">The text is not an access control list, or has the name of an unknown user or group.</exception>
    public ByteString? Default(ReadOnlySpan<byte> text) => Parse(text) is { Count: > 0 } entries ? Encode(entries) : null;

    private SortedDictionary<(ushort Tag, uint Id), ushort> Parse(ReadOnlySpan<byte> text)
    {
        var entries = new SortedDictionary<(ushort Tag, uint Id), ushort>();
        foreach (var line in Encoding.UTF8.GetString(text).Split('\n', ','))
        {
            // A '#' starts a comment, for example the effective permissions.
            var entry = line.Split('#')[0].Trim();
            if (entry.Length == 0) continue;
            var fields = entry.Split(':');
            if (fields.Length is not (3 or 4)) throw new FormatException($"'{entry}' is not an entry of an access control list");
            var key = KeyOf(fields[0], fields[1], fields.Length == 4 ? fields[3] : null, entry);
            if (!entries.TryAdd(key, Permissions(fields[2], entry))) throw new FormatException($"'{entry}' comes twice in an access control list");
        }

        // The kernel requires the three basic entries, and a mask where users or groups are named.
        ushort[] basic = [UserObject, GroupObject, Other];
        var isNamed = entries.Keys.Any(key => key.Tag is User or Group);
        var isComplete = basic.All(tag => entries.ContainsKey((tag, NoId))) && (!isNamed || entries.ContainsKey((Mask, NoId)));
        return entries.Count == 0 || isComplete ? entries : throw new FormatException("an access control list lacks one of its basic entries");
    }

    private (ushort Tag, uint Id) KeyOf(string tag, string name, string? number, string entry)
    {
        var isNamed = name.Length > 0 || number is not null;
        return (tag, isNamed) switch
        {
            ("user" or "u", false) => (UserObject, NoId),
            ("user" or "u", true) => (User, Id(name, number, isGroup: false)),
            ("group" or "g", false) => (GroupObject, NoId),
            ("group" or "g", true) => (Group, Id(name, number, isGroup: true)),
            ("mask" or "m", false) => (Mask, NoId),
            ("other" or "o", false) => (Other, NoId),
            _ => throw new FormatException($"'{entry}' is not an entry of an access control list"),
        };
    }

    private uint Id(string name, string? number, bool isGroup)
    {
        if (uint.TryParse(number ?? name, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id != NoId) return id;
        return (isGroup ? accounts.Group(name) : accounts.User(name))
            ?? throw new FormatException(
                $"an access control list names the {(isGroup ? "group" : "user")} '{name}', which this machine does not know");
    }

    private static ushort Permissions(string text, string entry)
    {
        ushort permissions = 0;
        foreach (var letter in text)
        {
            permissions |= letter switch
            {
                'r' => 4,
                'w' => 2,
                'x' => 1,
                '-' => 0,
                _ => throw new FormatException($"'{entry}' is not an entry of an access control list"),
            };
        }

        return permissions;
    }

    // linux/posix_acl_xattr.h: a version, then the tag, permissions and ID of each entry.
    private static ByteString Encode(SortedDictionary<(ushort Tag, uint Id), ushort> entries)
    {
        var value = new byte[HeaderSize + EntrySize * entries.Count];
        BinaryPrimitives.WriteUInt32LittleEndian(value, Version);
        var position = HeaderSize;
        foreach (var ((tag, id), permissions) in entries)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(value.AsSpan(position), tag);
            BinaryPrimitives.WriteUInt16LittleEndian(value.AsSpan(position + 2), permissions);
            BinaryPrimitives.WriteUInt32LittleEndian(value.AsSpan(position + 4), id);
            position += EntrySize;
        }

        return new(value);
    }
}
