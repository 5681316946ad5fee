using System.Text;
using OverlayImg.FileSystems;

namespace OverlayImg.Layers.Contents;

/// <summary>The users and groups of an image, which <c>/etc/passwd</c> and <c>/etc/group</c> list (passwd(5), group(5)).</summary>
/// <param name="files">The file system of the image.</param>
/// <param name="image">Name of the file system in messages.</param>
internal sealed class UserDatabase(FileTree files, string image)
{
    /// <summary>The largest file that is read, in bytes.</summary>
    public const int MaximumLength = 4 << 20;

    private const string Users = "etc/passwd";
    private const string Groups = "etc/group";

    /// <summary>
    /// Returns the number and the primary group of a user. A number stands for itself and the group of the same number, as in docker.
    /// </summary>
    /// <exception cref="InputException">The name is unknown, or the database can't be read.</exception>
    public (uint Uid, uint Gid) FindUser(string user)
    {
        if (Number(user, "user") is { } uid) return (uid, uid);
        var fields = Find(Users, "user", user);
        return (Field(fields, 2, Users), Field(fields, 3, Users));
    }

    /// <summary>Returns the number of a group. A number stands for itself.</summary>
    /// <exception cref="InputException">The name is unknown, or the database can't be read.</exception>
    public uint FindGroup(string group) => Number(group, "group") ?? Field(Find(Groups, "group", group), 2, Groups);

    private static uint? Number(string text, string kind)
    {
        if (text.Length == 0 || !text.All(char.IsAsciiDigit)) return null;
        // chown(2) takes the largest number, -1, as "leave the owner unchanged".
        if (uint.TryParse(text, out var number) && number != uint.MaxValue) return number;
        throw new InputException($"'{text}' is not the number of a {kind}, which is at most {uint.MaxValue - 1}");
    }

    private string[] Find(string file, string kind, string name)
    {
        foreach (var line in Lines(file, kind, name))
        {
            var fields = line.Split(':');
            if (fields[0] == name) return fields;
        }

        throw new InputException($"has no {kind} '{Shown(name)}'", Where(file))
        {
            Advice = new($"Give the number of the {kind}, or add the {kind} first.", LayerSetting.Copies),
        };
    }

    private string[] Lines(string file, string kind, string name)
    {
        var (outcome, _, node) = new TreeResolver(files).Resolve(ByteString.FromText(file));
        if (outcome != ResolutionOutcome.Found || node is not RegularFileNode { Content: var content })
        {
            throw new InputException($"is missing, so the {kind} '{Shown(name)}' is unknown", Where(file))
            {
                Advice = new($"Give the number of the {kind}.", LayerSetting.Copies),
            };
        }

        if (content.Length > MaximumLength)
            throw new InputException($"is larger than {MaximumLength >> 20} MiB, so no {kind} is looked up in it", Where(file));
        var bytes = new byte[content.Length];
        content.Read(0, bytes);
        return Encoding.UTF8.GetString(bytes).Split('\n');
    }

    private uint Field(string[] fields, int index, string file) =>
        fields.Length > index && uint.TryParse(fields[index], out var number) && number != uint.MaxValue ? number
            : throw new InputException($"has no valid number for '{Shown(fields[0])}'", Where(file));

    private static string Shown(string name) => ByteString.FromText(name).ToString();

    private InputLocation Where(string file) => new(image, Path: file);
}
